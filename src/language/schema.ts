// The language as JSON Schema (draft 7), for editors: generated from the same shapes that read the
// rules, so that it cannot contradict `check`.

import { Definitions, type JsonSchema } from './json-schema.ts';
import { rulesFile } from './rules-file.ts';

/** What `headroom schema` prints and rules/rules.schema.json contains. */
export function jsonSchema(): JsonSchema {
  const definitions = new Definitions();
  const file = rulesFile.schema(definitions);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'headroom rules',
    description: 'Rules that set the capacity and availability of TaskRouter Worker Channels.',
    ...file,
    definitions: definitions.all(),
  };
}
