/** Files as people write them: each has a block for acme, or a place where one would go. */
export const AWKWARD: Readonly<Record<string, string>> = {
  plain: `version: 1
tenants:
  list:
    acme:
      limits: { requests_per_minute: 60 }   # agreed in May
      budgets:
        # the contract
        - { limit: 50, period: month } # net
        - limit: 5       # a day
          period: day

      priority: 100
      # suspended: true
    # below acme
    globex: {}
# the house
budgets: [{ limit: 2000, period: month }]
`,
  "flow all through": `version: 1
tenants: { strict: false, list: { acme: { budgets: [ { limit: 50, period: month, }, ], limits: {} } } } # one line
`,
  "flow over lines": `version: 1
tenants: {
  list: { # ours
    acme: {
      budgets: [
        { limit: 50, period: month }, # net
        { limit: 5, period: day }     # each
      ],
      # about limits
      limits: {
        requests_per_minute: 60 # agreed
      }
    }
  }
}
`,
  "odd indentation": `version:   1
tenants:
       list:
         acme:
              budgets:
              -   limit:   50
                  period:   month
              -
                  limit: 5
                  period: day
              priority:   7
models:   {}
`,
  "nothing yet": `# a head

version: 1


models: {} # none
# a tail`,
  "empty values": `version: 1
tenants:   # to come
  # list of them
  list:   # here
    acme: {}   # soon
budgets: []  # none
`,
  "empty keys": `version: 1
budgets:   # none yet
tenants:   # to come
# tail
`,
  "list of lines": `version: 1
tenants:
  list:
    acme:
      models:
        allow:   # by hand
        - default   # cheap
        - "openai/*"   # dear
      providers: { deny: [ aws ] }
    # end of acme`,
  "block texts": `version: 1
plugins:
  - |
    # not a comment

tenants:
  list:
    acme:
      budgets:
        - limit: >-
            50
          period: month
`,
  "anchors beside": `version: 1
models:
  a: &a { targets: [fake/m] }
  b: *a
tenants:
  list:
    acme: { priority: 5 }
`,
};

/** The same with carriage returns, and without the final newline. */
export const FILES: readonly (readonly [name: string, text: string])[] = Object.entries(AWKWARD).flatMap(
  ([name, text]) =>
    [
      [name, text],
      [`${name}, CRLF`, text.replaceAll("\n", "\r\n")],
      [`${name}, no final newline`, text.trimEnd()],
    ] as const,
);

/** Every comment of a text, as `# …` to the end of its line. */
export const commentsOf = (text: string): readonly string[] =>
  [...text.matchAll(/#[^\r\n]*/g)].map(([comment]) => comment.trimEnd());
