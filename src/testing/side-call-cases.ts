import { deepEqual, equal, ok } from "node:assert/strict";
import type { WireReply } from "../wire/http.ts";
import { has, rejection } from "./check.ts";
import { drive, failureOfPromise } from "./drive.ts";
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
      deepEqual(
        embedding.vectors.map((vector) => [...vector]),
        vectors,
      );
    },
    "embeddings",
  );

  register(
    "lists models",
    async ({ instance, driver }) => {
      const { models } = instance.adapter;
      if (!models) throw new Error("the adapter has no list of models");
      const { models: listed } = models.fromWire(await driver.send(models.toWire()));
      ok(listed.length > 0);
      for (const { model } of listed) ok(model);
    },
    "models",
  );

  register("proves address and credentials with a probe", async ({ instance, driver, setup }) => {
    const { probe } = instance.adapter;
    const { detail } = probe.fromWire(await driver.send(probe.toWire(setup.model)));
    ok(detail);
  });

  register(
    "fails a probe that is answered by something else (HM-3)",
    async ({ simulator, instance, driver, setup }) => {
      const { probe } = instance.adapter;
      const readProbe = async (reply: WireReply) => probe.fromWire(reply);
      for (const body of ["", "null", "[]", '{"hello":1}', "<html></html>"]) {
        simulator.play({ kind: "raw", headers: { "content-type": "application/json" }, body });
        const reply = await driver.send(probe.toWire(setup.model));
        has(await rejection(readProbe(reply)), { code: "protocol_error" });
      }
    },
  );

  register(
    "fails a probe with refused credentials as auth_failed",
    async ({ simulator, instance, driver, setup }) => {
      simulator.play({ kind: "failure", failure: "auth" });
      const probed = driver.send(instance.adapter.probe.toWire(setup.model));
      equal((await failureOfPromise(probed)).code, "auth_failed");
    },
    "refused probe",
  );

  register(
    "counts a prompt's tokens",
    async ({ simulator, driver }) => {
      simulator.play({ kind: "answer", usage: { input: 123, output: 0 } });
      equal(await driver.count(ask()), 123);
    },
    "count",
  );
}
