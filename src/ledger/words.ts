/** What a report was asked for by name, whether as flags or as the parameters of a URL. */
export interface Words {
  has(name: string): boolean;
  value(name: string): string | undefined;
}
