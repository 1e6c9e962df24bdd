// `headroom schema`: the JSON Schema of rule files, for editors that complete and check while
// typing.

import { jsonSchema } from '../language/schema.ts';
import { EXIT, type Exit, type Io } from './io.ts';

export function schema(io: Io): Exit {
  io.out(JSON.stringify(jsonSchema(), null, 2));
  return EXIT.done;
}
