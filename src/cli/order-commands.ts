// The commands that speak to the running daemon, as a table: names, arguments, one sentence each.

import { type Command, Option } from 'commander';
import { doctor } from './doctor.ts';
import { type ExportOptions, exportTo } from './export.ts';
import { type ImportOptions, importFrom } from './import.ts';
import { init } from './init.ts';
import type { Exit, Io } from './io.ts';
import { type OrderOptions, pause, release, reload, resume, resync } from './orders.ts';
import { plan } from './plan.ts';
import { planFolder } from './plan-compare.ts';
import { releaseDirect } from './release-direct.ts';
import { type SetupWebhookOptions, setupWebhook } from './setup-webhook.ts';
import { status } from './status.ts';

export function setUpCommands(program: Command, io: Io, ended: (exit: Exit) => void): void {
  program
    .command('init')
    .description('write a first rules folder, a test beside it and an .env; overwrites nothing')
    .argument('[folder]', 'where', '.')
    .action(async (folder: string) => ended(await init({ folder }, io)));

  program
    .command('doctor')
    .description('check what is around the daemon: store, TaskRouter, event callback, names, clock')
    .option('--json', 'as JSON')
    .action(async (options: { json?: true }) => ended(await doctor(options, io)));

  program
    .command('setup-webhook')
    .description("set the Workspace's event callback URL to this daemon")
    .option('--dry-run', 'only show what would be set')
    .option('--yes', 'also where the events go to somebody else now')
    .option('--json', 'as JSON')
    .action(async (options: SetupWebhookOptions) => ended(await setupWebhook(options, io)));
}

export function backupCommands(program: Command, io: Io, ended: (exit: Exit) => void): void {
  program
    .command('export')
    .description('rules in force, pauses, baselines and edits as one JSON document')
    .option('--out <file>', 'where to write it; it is printed')
    .option('--direct', 'without the daemon: from its store')
    .action(async (options: ExportOptions) => ended(await exportTo(options, io)));

  program
    .command('import')
    .description('an exported document into an empty store, while no daemon runs on it')
    .argument('<file>', 'what headroom export wrote')
    .option('--dry-run', 'only show what would change')
    .option('--force', 'also into a store that is not empty')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nexits 3 when the file has a mistake or the store is not empty')
    .action(async (file: string, options: ImportOptions) => {
      ended(await importFrom(file, options, io));
    });
}

export function orderCommands(program: Command, io: Io, ended: (exit: Exit) => void): void {
  program
    .command('status')
    .description('ask the running daemon how it is')
    .option('--json', 'as JSON')
    .action(async (options: { json?: true }) => {
      ended(await status({ json: options.json ?? false }, io));
    });

  const command = (name: string, description: string) =>
    program.command(name).description(description).option('--json', 'as JSON');
  const by = ['--by <name>', 'who gives the order; the user of this terminal'] as const;

  command('pause', 'write nothing any more: at all, by one rule, or for one Worker')
    .argument('[worker]', 'a Worker, by friendly name or SID')
    .option('--rule <name>', 'that rule alone')
    .option('--channel <name>', 'that channel of the Worker alone')
    .addOption(
      new Option(
        '--until <time>',
        'an instant; a time without an offset is this machine’s',
      ).conflicts('for'),
    )
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
  command('plan', 'what would be written now, and what turns in the next 24 hours')
    .argument('[folder]', 'a rules folder: what these rules would change; nothing of it is kept')
    .action(async (folder: string | undefined, options: { json?: true }) => {
      ended(await (folder === undefined ? plan(options, io) : planFolder(folder, options, io)));
    });
}
