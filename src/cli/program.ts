// The command line as a table: names, arguments and one sentence each; what a command does is in
// its own file. Misuse exits with 2 and says what was expected.

import { Command, CommanderError } from 'commander';
import { LARGE_FLOOR_DEFAULTS } from '../emulator/emulator.ts';
import { type BacktestOptions, backtest } from './backtest.ts';
import { check } from './check.ts';
import { type DemoOptions, demo } from './demo.ts';
import { emulate } from './emulate.ts';
import { type ExplainOptions, explain } from './explain.ts';
import { explainLive } from './explain-live.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { backupCommands, orderCommands, setUpCommands } from './order-commands.ts';
import { schema } from './schema.ts';
import { start } from './start.ts';
import { test } from './test.ts';

export async function run(args: readonly string[], io: Io): Promise<Exit> {
  let exit: Exit = EXIT.done;
  const program = build(io, (code) => {
    exit = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end here too, and are not misuse.
    return error.exitCode === 0 ? EXIT.done : EXIT.misused;
  }
}

function build(io: Io, ended: (exit: Exit) => void): Command {
  const program = new Command('headroom')
    .description('Capacity automation for Twilio TaskRouter')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
    })
    .showHelpAfterError('(headroom --help lists the commands)');

  runningCommands(program, io, ended);
  ruleCommands(program, io, ended);
  orderCommands(program, io, ended);
  setUpCommands(program, io, ended);
  backupCommands(program, io, ended);
  for (const command of program.commands) rejectRepeatedOptions(command);
  return program;
}

/** Commands that run for a while. */
function runningCommands(program: Command, io: Io, ended: (exit: Exit) => void): void {
  program
    .command('start')
    .description('run the daemon')
    .option('--or-emulated', 'if nothing is configured, start an emulator and run against it')
    .action(async (options: { orEmulated?: true }) => {
      ended(await start({ orEmulated: options.orEmulated ?? false }, io));
    });

  program
    .command('demo')
    .description(
      'a live two-minute demo on an emulator, then a simulated day with and without rules',
    )
    .option('--day-only', 'run only the simulated day')
    .option('--seed <number>', 'the same seed makes the same day', '1')
    .option('--workers <number>', 'the number of Workers in the simulated day', '60')
    .option('--tasks <number>', 'the expected number of customers', '1500')
    .option('--rules <folder>', 'the rules folder for the day (default: the shipped samples)')
    .option('--json', 'the figures of the day as JSON')
    .action(async (options: DemoOptions) => {
      ended(await demo(options, io));
    });

  program
    .command('emulate')
    .description('run only the TaskRouter emulator')
    .option('--port <number>', 'where to listen', '4010')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--callback <url>', "the Workspace's event callback URL")
    .option('--floor <kind>', 'none, small (a few busy people) or large (a whole day)', 'small')
    .option(
      '--workers <number>',
      `the number of Workers on a large floor (default: ${LARGE_FLOOR_DEFAULTS.workers})`,
    )
    .option(
      '--tasks <number>',
      `the expected number of customers per day on a large floor (default: ${LARGE_FLOOR_DEFAULTS.tasks})`,
    )
    .option('--speed <number>', 'the speed of a large floor, 1 to 100 times real time (default: 1)')
    .option('--seed <number>', 'the same seed makes the same people and SIDs', '1')
    .action(async (options: Parameters<typeof emulate>[0]) => {
      ended(await emulate(options, io));
    });
}

/** Commands about rules; only `explain WORKER` needs a daemon. */
function ruleCommands(program: Command, io: Io, ended: (exit: Exit) => void): void {
  program
    .command('check')
    .description('find every mistake in a rules folder')
    .argument('[folder]', 'the rules folder; HEADROOM_RULES, or ./rules')
    .option('--live', 'also compare with your Workspace: unknown names, empty groups')
    .option('--json', 'as JSON')
    .action(async (folder: string | undefined, options: { json?: true; live?: true }) => {
      const { json = false, live = false } = options;
      ended(await check({ folder, json, live }, io));
    });

  program
    .command('explain')
    .description("explain why a Worker's channels are set as they are")
    .argument('[worker]', 'a Worker of the running daemon, by friendly name or SID')
    .option(
      '--worker <file>',
      'a JSON file: attributes, activity, channels, queues, groups, events',
    )
    .option('--channel <name>', 'only this Worker Channel')
    .option('--at <time>', "an instant, or a local time in the rules' time zone (default: now)")
    .option('--rules <folder>', 'the rules folder; HEADROOM_RULES, or ./rules')
    .option('--json', 'as JSON')
    .action(async (worker: string | undefined, options: ExplainOptions) => {
      const live = worker !== undefined;
      ended(await (live ? explainLive(worker, options, io) : explain(options, io)));
    });

  program
    .command('test')
    .description('run the rule tests (*.test.yaml)')
    .argument('[folder]', 'the rules folder; HEADROOM_RULES, or ./rules')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nexits 0 when all pass, 1 when one fails, 3 when a file has a mistake')
    .action(async (folder: string | undefined, options: { json?: true }) => {
      ended(await test({ folder, json: options.json ?? false }, io));
    });

  program
    .command('backtest')
    .description('replay past events and report what the rules would have written; writes nothing')
    .option('--since <length>', "replay TaskRouter's event history, such as 7d")
    .option('--file <file>', 'replay a file: JSON lines or a JSON array of callback parameters')
    .option('--available <names>', 'with a file: the Activities that are available, by name')
    .option('--rules <folder>', 'the rules folder; HEADROOM_RULES, or ./rules')
    .option('--changes', 'also list every change')
    .option('--json', 'as JSON')
    .action(async (options: BacktestOptions) => {
      ended(await backtest(options, io));
    });

  program
    .command('schema')
    .description('print the JSON Schema of rule files, for editors')
    .action(() => ended(schema(io)));
}

/** Refuses an option given twice; otherwise the first value would be lost silently. */
function rejectRepeatedOptions(command: Command): void {
  for (const option of command.options.filter(({ required }) => required)) {
    let times = 0;
    command.on(`option:${option.name()}`, () => {
      times += 1;
      if (times > 1) command.error(`error: ${option.long} is given ${times} times: expected once`);
    });
  }
}
