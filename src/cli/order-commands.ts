// The commands that speak to the running daemon, as a table: names, arguments, one sentence each.

import type { Command } from 'commander';
import type { Exit, Io } from './io.ts';
import { type OrderOptions, pause, release, reload, resume, resync } from './orders.ts';
import { plan } from './plan.ts';
import { releaseDirect } from './release-direct.ts';

export function orderCommands(program: Command, io: Io, ended: (exit: Exit) => void): void {
  const command = (name: string, description: string) =>
    program.command(name).description(description).option('--json', 'as JSON');
  const by = ['--by <name>', 'who gives the order; the user of this terminal'] as const;

  command('pause', 'write nothing any more: at all, by one rule, or for one Worker')
    .argument('[worker]', 'a Worker, by friendly name or SID')
    .option('--rule <name>', 'that rule alone')
    .option('--channel <name>', 'that channel of the Worker alone')
    .option('--until <time>', 'an instant; a time without an offset is this machine’s')
    .option('--for <length>', 'for so long, such as 30m or 2h')
    .option('--reason <text>', 'why')
    .option(...by)
    .action(async (worker: string | undefined, options: OrderOptions) => {
      ended(await pause(worker, options, io));
    });

  command('resume', 'end the pause of exactly this')
    .argument('[worker]', 'a Worker, by friendly name or SID')
    .option('--rule <name>', 'that rule')
    .option('--channel <name>', 'that channel of the Worker')
    .option(...by)
    .action(async (worker: string | undefined, options: OrderOptions) => {
      ended(await resume(worker, options, io));
    });

  command('release', 'pause, and give back to what it was before headroom')
    .argument('[worker]', 'a Worker, by friendly name or SID')
    .option('--channel <name>', 'that channel of the Worker alone')
    .option('--all', 'everything')
    .option('--direct', 'without the daemon: from the store straight to TaskRouter')
    .option('--reason <text>', 'why')
    .option(...by)
    .action(async (worker: string | undefined, options: OrderOptions & { direct?: true }) => {
      ended(await (options.direct ? releaseDirect : release)(worker, options, io));
    });

  command('resync', 'read everything from TaskRouter again').action(async (options: OrderOptions) =>
    ended(await resync(options, io)),
  );
  command('reload', 'read the rules folder now').action(async (options: OrderOptions) =>
    ended(await reload(options, io)),
  );
  command('plan', 'what would be written now').action(async (options: { json?: true }) =>
    ended(await plan(options, io)),
  );
}
