// The daemon as its own process: the compiled entry point, with everything in the environment.
process.argv = [process.argv[0], 'headroom', 'start'];
await import(`${process.env.COMPILED}/main.js`);
