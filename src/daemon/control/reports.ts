import { RiptideError } from "../../core/errors.ts";
import { costsDocument } from "../../output/costs.ts";
import { healthDocument } from "../../output/health.ts";
import { readCosts, wantedCosts } from "../../output/read-costs.ts";
import { whyDocument } from "../../output/why.ts";
import { readStory } from "../../store/stories.ts";
import { type Handler, lastSegment } from "./control-route.ts";
import { atOnce } from "./ledger.ts";
import { wordsOf } from "./parameters.ts";

/** `GET /riptide/v1/health`: the last look of the monitor. */
export const health: Handler = async (_exchange, control) => ({
  document: healthDocument(await control.health.report()),
});

/** What `riptide costs` takes. */
const COST_PARAMETERS = [
  ...["since", "until", "tz", "tenant", "by", "sort", "top", "include", "compare", "unreconciled"],
];

/** `GET /riptide/v1/costs`: what `riptide costs --json` prints, with the same parameters. */
export const costs: Handler = async ({ query }, { daemon, ledger }) => {
  const words = wordsOf(query(), COST_PARAMETERS);
  const nowMs = daemon.clock.wall();
  const wanted = wantedCosts(words, nowMs);
  const { config } = daemon.generations.current().generation;
  const report = await ledger.read((database) =>
    atOnce(database, () => readCosts(wanted, { database, config, nowMs })),
  );
  return { document: costsDocument(report) };
};

/** `GET /riptide/v1/requests/{id}`: what happened to a request, and why. */
export const request: Handler = async (exchange, { ledger }) => {
  const id = lastSegment(exchange);
  const story = await ledger.read((database) => {
    if (database && id !== "") return readStory(database, id);
    throw new RiptideError("not_found", "no request was recorded yet");
  });
  return { document: whyDocument(story) };
};
