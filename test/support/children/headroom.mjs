// The command line as its own process: the compiled entry point, its arguments in ARGS, and
// everything else in the environment.
process.argv = [process.argv[0], 'headroom', ...(process.env.ARGS ?? 'start').split(' ')];
await import(`${process.env.COMPILED}/main.js`);
