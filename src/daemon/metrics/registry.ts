/** Counts what happens; its text is the Prometheus text format 0.0.4. */
export interface Registry {
  counter(name: string, help: string, labels?: readonly string[]): Family<Counter>;
  gauge(name: string, help: string, labels?: readonly string[]): Family<Gauge>;
  /** @param bounds Upper bounds of its buckets, ascending. */
  histogram(
    name: string,
    help: string,
    labels: readonly string[],
    bounds: readonly number[],
  ): Family<Histogram>;
  text(): string;
}

/** One metric with all its label values. */
export interface Family<Child> {
  /** The child of these values, in the order of the labels; an empty value is as if the label were not there. */
  of(...values: readonly string[]): Child;
  /** Forgets every child, so that only what is set next is told. */
  clear(): void;
}

export interface Counter {
  add(amount?: number): void;
}

export interface Gauge {
  set(value: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

/** More than any installation has; what comes after is told as `other`, so that no caller can make them grow. */
const MAX_CHILDREN = 2_000;

type Child<T> = T & { lines(name: string): string };

export function createRegistry(): Registry {
  const families: (() => string)[] = [];
  const add = <T>(head: Head, create: (labels: string) => Child<T>): Family<T> => {
    const children = new Map<string, Child<T>>();
    families.push(() => textOf(head, children));
    return {
      of(...values) {
        const key = values.join("\u0000");
        const known = children.get(key);
        if (known) return known;
        const bounded = children.size < MAX_CHILDREN ? values : values.map(() => "other");
        const labels = labelText(head.labels, bounded);
        const child = children.get(bounded.join("\u0000")) ?? create(labels);
        children.set(bounded.join("\u0000"), child);
        return child;
      },
      clear: () => children.clear(),
    };
  };
  return {
    counter: (name, help, labels = []) => add<Counter>({ name, help, labels, type: "counter" }, counterOf),
    gauge: (name, help, labels = []) => add<Gauge>({ name, help, labels, type: "gauge" }, gaugeOf),
    histogram: (name, help, labels, bounds) =>
      add<Histogram>({ name, help, labels, type: "histogram" }, (text) => histogramOf(text, bounds)),
    text: () => families.map((family) => family()).join(""),
  };
}

interface Head {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly labels: readonly string[];
}

function textOf({ name, help, type }: Head, children: ReadonlyMap<string, Child<unknown>>): string {
  if (children.size === 0) return "";
  const lines = [...children.values()].map((child) => child.lines(name));
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function counterOf(labels: string): Child<Counter> {
  let total = 0;
  return {
    add(amount = 1) {
      total += amount;
    },
    lines: (name) => `${name}${inBraces(labels)} ${total}\n`,
  };
}

function gaugeOf(labels: string): Child<Gauge> {
  let value = 0;
  return {
    set(next) {
      value = next;
    },
    lines: (name) => `${name}${inBraces(labels)} ${value}\n`,
  };
}

function histogramOf(labels: string, bounds: readonly number[]): Child<Histogram> {
  const counts = new Array<number>(bounds.length).fill(0);
  let count = 0;
  let sum = 0;
  const start = labels === "" ? "" : `${labels},`;
  return {
    observe(value) {
      count += 1;
      sum += value;
      const at = bounds.findIndex((bound) => value <= bound);
      if (at >= 0) counts[at] = (counts[at] ?? 0) + 1;
    },
    lines(name) {
      let below = 0;
      const buckets = bounds.map((bound, at) => {
        below += counts[at] ?? 0;
        return `${name}_bucket{${start}le="${bound}"} ${below}\n`;
      });
      const end = `${name}_bucket{${start}le="+Inf"} ${count}\n`;
      return `${buckets.join("")}${end}${name}_sum${inBraces(labels)} ${sum}\n${name}_count${inBraces(labels)} ${count}\n`;
    },
  };
}

const inBraces = (labels: string): string => (labels === "" ? "" : `{${labels}}`);

const labelText = (names: readonly string[], values: readonly string[]): string =>
  names.flatMap((name, at) => (values[at] ? [`${name}="${escaped(values[at])}"`] : [])).join(",");

const escaped = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
