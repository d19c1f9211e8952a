import { expect } from "vitest";
import { drive, failureOfPromise } from "../helpers/drive.ts";
import { ask, type Register } from "./stage.ts";

export function sideCalls(register: Register): void {
  register(
    "embeds texts in the order asked",
    async ({ simulator, instance, setup }) => {
      const vectors = [
        [0.5, -0.25, 1],
        [0, 2, -4],
      ];
      simulator.play({ kind: "answer", vectors, usage: { input: 6, output: 0 } });
      const driver = drive(instance, { model: setup.embeddingModel ?? setup.model });
      const embedding = await driver.embed({ texts: ["first – één", "second"] });
      expect(embedding.vectors.map((vector) => [...vector])).toEqual(vectors);
    },
    "embeddings",
  );

  register(
    "lists models",
    async ({ instance, driver }) => {
      const { models } = instance.adapter;
      if (!models) throw new Error("the adapter has no list of models");
      const { models: listed } = models.fromWire(await driver.send(models.toWire()));
      expect(listed.length).toBeGreaterThan(0);
      for (const { model } of listed) expect(model).toBeTruthy();
    },
    "models",
  );

  register("proves address and credentials with a probe", async ({ instance, driver, setup }) => {
    const { probe } = instance.adapter;
    const { detail } = probe.fromWire(await driver.send(probe.toWire(setup.model)));
    expect(detail).toBeTruthy();
  });

  register(
    "fails a probe that is answered by something else (HM-3)",
    async ({ simulator, instance, driver, setup }) => {
      const { probe } = instance.adapter;
      for (const body of ["", "null", "[]", '{"hello":1}', "<html></html>"]) {
        simulator.play({ kind: "raw", headers: { "content-type": "application/json" }, body });
        const reply = await driver.send(probe.toWire(setup.model));
        expect(() => probe.fromWire(reply), body).toThrow(
          expect.objectContaining({ code: "protocol_error" }),
        );
      }
    },
  );

  register(
    "fails a probe with refused credentials as auth_failed",
    async ({ simulator, instance, driver, setup }) => {
      simulator.play({ kind: "failure", failure: "auth" });
      const probed = driver.send(instance.adapter.probe.toWire(setup.model));
      expect((await failureOfPromise(probed)).code).toBe("auth_failed");
    },
    "refused probe",
  );

  register(
    "counts a prompt's tokens",
    async ({ simulator, driver }) => {
      simulator.play({ kind: "answer", usage: { input: 123, output: 0 } });
      expect(await driver.count(ask())).toBe(123);
    },
    "count",
  );
}
