// Every limit of the rule language in one place. They bound what a broken or hostile rules folder
// can cost; a set that people write by hand stays far below all of them.

export const LIMITS = {
  /** One rules file or calendar, in bytes. */
  fileBytes: 1_000_000,
  /** Files in one rules folder, rules and calendars together. */
  files: 500,
  rules: 2_000,
  /** Brackets within brackets, or list marks on one line; the YAML parser recurses over these. */
  yamlDepth: 50,
  /** Tokens of one YAML file. */
  yamlTokens: 500_000,
  /** Nodes of one YAML file after its aliases are followed. */
  yamlNodes: 200_000,
  /** YAML mistakes in one file that are repaired to read on. */
  yamlRepairs: 20,
  /** Mistakes reported for one file. */
  mistakes: 100,
  nameLength: 64,
  whyLength: 300,
  expressionLength: 3_000,
  /** TaskRouter's documented maximum for a Worker Channel. */
  capacity: 50,
  priority: 1_000_000,
  /** Days and events of one ICS file after its recurring events are expanded. */
  calendarEvents: 10_000,
  /** Recurring events are expanded between these years. */
  calendarYears: [2020, 2045],
} as const;
