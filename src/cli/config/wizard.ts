import { parseMoney } from "../../config/money.ts";
import { initTemplate, type TemplateChoices } from "../../config/template.ts";
import { usdText } from "../../core/money.ts";
import type { Call } from "../command.ts";
import { installedModel } from "../installed-model.ts";
import { type Asker, openAsker } from "../question.ts";

/**
 * Asks at the terminal what a first configuration should hold, and shows it before it is written.
 * @returns The text, once it was agreed to; undefined where it was not, or the input ended.
 * @throws RiptideError `cancelled` on Ctrl-C
 */
export async function askForConfig(call: Call, path: string): Promise<string | undefined> {
  const { io } = call;
  const offers = await offersFor(call);
  const asker = openAsker(io);
  try {
    await io.stderr.write(
      `Three answers make ${path}; Enter takes what stands in [].\n\n${listOf(offers)}\n`,
    );
    const types = await providersOf(asker, offers);
    const limit = types && (await limitOf(asker));
    if (!types || !limit) return undefined;
    const text = initTemplate(types, { ...modelsOf(offers), ...limit });
    await io.stderr.write(`\n${text}\n`);
    return (await until(asker, `Write it to ${path}? [Y/n] `, yesOrNo)) ? text : undefined;
  } finally {
    asker.close();
  }
}

interface Offer {
  readonly type: string;
  readonly text: string;
  /** Can be used as things are. */
  readonly isReady: boolean;
  readonly model?: string | undefined;
}

/** Where Ollama listens by default (Ollama documentation, `OLLAMA_HOST`). */
const OLLAMA_ADDRESS = "http://127.0.0.1:11434";

/** What each provider needs, by the variables that its entry names. */
const NEEDS: readonly (readonly [type: string, variables: readonly string[]])[] = [
  ["openai", ["OPENAI_API_KEY"]],
  ["anthropic", ["ANTHROPIC_API_KEY"]],
  ["azure-openai", ["AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY"]],
  ["bedrock", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]],
  ["vertex", ["GOOGLE_CLOUD_PROJECT"]],
];

async function offersFor({ io }: Call): Promise<readonly Offer[]> {
  const { lookup } = io.environment;
  const model = await installedModel(OLLAMA_ADDRESS, io);
  const keyed = NEEDS.map(([type, variables]): Offer => {
    const missing = variables.filter((name) => lookup(name) === undefined);
    const isReady = missing.length === 0;
    return {
      type,
      isReady,
      text: isReady ? `${variables.join(" and ")} set` : `${missing.join(" and ")} not set`,
    };
  });
  const local: Offer = {
    ...{ type: "ollama", isReady: model !== undefined, model },
    text: model === undefined ? `no model at ${OLLAMA_ADDRESS}` : `has ${model}`,
  };
  return [...keyed, local, { type: "mock", isReady: false, text: "answers by itself, without a key" }];
}

const listOf = (offers: readonly Offer[]): string =>
  offers
    .map(
      ({ type, text, isReady }, at) => `  ${at + 1} ${type.padEnd(13)} ${isReady ? "ready: " : ""}${text}\n`,
    )
    .join("");

async function providersOf(asker: Asker, offers: readonly Offer[]): Promise<readonly string[] | undefined> {
  const ready = offers.flatMap(({ isReady }, at) => (isReady ? [at + 1] : []));
  const first = ready.length > 0 ? ready : [offers.length];
  return until(asker, `Which providers, in the order they are asked? [${first.join(" ")}] `, (answer) => {
    const words = answer === "" ? first.map(String) : answer.split(/[\s,]+/);
    const types = words.map(
      (word) => offers[Number(word) - 1]?.type ?? offers.find(({ type }) => type === word)?.type,
    );
    const wrong = words[types.indexOf(undefined)];
    if (wrong !== undefined) return { retry: `"${wrong}" is none of 1 to ${offers.length}` };
    return { value: [...new Set(types.flatMap((type) => type ?? []))] };
  });
}

type Limit = Pick<TemplateChoices, "monthlyLimitUsd">;

const limitOf = (asker: Asker): Promise<Limit | undefined> =>
  until<Limit>(asker, "Spend at most so many dollars a month, for everything? [no limit] ", (answer) => {
    if (answer === "") return { value: {} };
    const nano = parseMoney(answer);
    return nano === undefined || nano === 0
      ? { retry: `"${answer}" is no amount, such as 50 or 12.50` }
      : { value: { monthlyLimitUsd: usdText(nano) } };
  });

const yesOrNo = (answer: string): Answer<boolean> => {
  if (/^(y(es)?)?$/i.test(answer)) return { value: true };
  return /^no?$/i.test(answer) ? { value: false } : { retry: "y or n" };
};

const modelsOf = (offers: readonly Offer[]): Pick<TemplateChoices, "models"> => ({
  models: Object.fromEntries(
    offers.flatMap(({ type, model }) => (model === undefined ? [] : [[type, model]])),
  ),
});

type Answer<T> = { readonly value: T } | { readonly retry: string };

/** Asks until the answer means something; undefined where the input ends. */
async function until<T>(
  asker: Asker,
  question: string,
  read: (answer: string) => Answer<T>,
): Promise<T | undefined> {
  for (let hint = ""; ; ) {
    const line = await asker.ask(`${hint}${question}`);
    if (line === undefined) return undefined;
    const answer = read(line);
    if ("value" in answer) return answer.value;
    hint = `${answer.retry}\n`;
  }
}
