// The commands for set-up, backup and the running daemon: names, arguments, one sentence each.

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
    .description('create a first rules folder with a test, and an .env; never overwrites a file')
    .argument('[folder]', 'where', '.')
    .action(async (folder: string) => ended(await init({ folder }, io)));

  program
    .command('doctor')
    .description('check the setup: store, TaskRouter, event callback, PUBLIC_URL, names, clock')
    .option('--json', 'as JSON')
    .action(async (options: { json?: true }) => ended(await doctor(options, io)));

  program
    .command('setup-webhook')
    .description("set the Workspace's event callback URL to this daemon")
    .option('--dry-run', 'show the change without making it')
    .option('--yes', 'also replace the URL of another consumer')
    .option('--json', 'as JSON')
    .action(async (options: SetupWebhookOptions) => ended(await setupWebhook(options, io)));
}

export function backupCommands(program: Command, io: Io, ended: (exit: Exit) => void): void {
  program
    .command('export')
    .description('back up rules in force, pauses, baselines and edits as JSON')
    .option('--out <file>', 'the file to write (default: print it)')
    .option('--direct', 'read the store directly, while the daemon is down')
    .action(async (options: ExportOptions) => ended(await exportTo(options, io)));

  program
    .command('import')
    .description('restore an export into an empty store, while no daemon uses it')
    .argument('<file>', 'the file that headroom export wrote')
    .option('--dry-run', 'show the changes without making them')
    .option('--force', 'also import into a store that is not empty')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nexits 3 when the file has a mistake or the store is not empty')
    .action(async (file: string, options: ImportOptions) => {
      ended(await importFrom(file, options, io));
    });
}

export function orderCommands(program: Command, io: Io, ended: (exit: Exit) => void): void {
  program
    .command('status')
    .description('show the state of the running daemon')
    .option('--json', 'as JSON')
    .action(async (options: { json?: true }) => {
      ended(await status({ json: options.json ?? false }, io));
    });

  const command = (name: string, description: string) =>
    program.command(name).description(description).option('--json', 'as JSON');
  const by = ['--by <name>', 'who gives the order (default: the current user)'] as const;

  command('pause', 'pause all writes, those of one rule, or those for one Worker or channel')
    .argument('[worker]', 'a Worker, by friendly name or SID')
    .option('--rule <name>', 'only this rule')
    .option('--channel <name>', 'only this channel of the Worker')
    .addOption(
      new Option(
        '--until <time>',
        'until this instant; without an offset, in this machine’s time zone',
      ).conflicts('for'),
    )
    .option('--for <length>', 'for this long, such as 30m or 2h')
    .option('--reason <text>', 'why')
    .option(...by)
    .action(async (worker: string | undefined, options: OrderOptions) => {
      ended(await pause(worker, options, io));
    });

  command('resume', 'end the pause with exactly this scope')
    .argument('[worker]', 'a Worker, by friendly name or SID')
    .option('--rule <name>', 'that rule')
    .option('--channel <name>', 'that channel of the Worker')
    .option(...by)
    .action(async (worker: string | undefined, options: OrderOptions) => {
      ended(await resume(worker, options, io));
    });

  command('release', 'pause, and restore channels to their baselines')
    .argument('[worker]', 'a Worker, by friendly name or SID')
    .option('--channel <name>', 'only this channel of the Worker')
    .option('--all', 'everything')
    .option('--direct', 'from the store straight to TaskRouter, while the daemon is down')
    .option('--reason <text>', 'why')
    .option(...by)
    .action(async (worker: string | undefined, options: OrderOptions & { direct?: true }) => {
      ended(await (options.direct ? releaseDirect : release)(worker, options, io));
    });

  command('resync', 'start a full read of the Workspace').action(async (options: OrderOptions) =>
    ended(await resync(options, io)),
  );
  command('reload', 'read the rules folder and put it into effect now').action(
    async (options: OrderOptions) => ended(await reload(options, io)),
  );
  command('plan', 'show the writes due now and the changes of the next 24 hours')
    .argument('[folder]', 'a rules folder: show what these rules would change; nothing is stored')
    .action(async (folder: string | undefined, options: { json?: true }) => {
      ended(await (folder === undefined ? plan(options, io) : planFolder(folder, options, io)));
    });
}
