// The PostgreSQL server that TEST_DATABASE_URL names. What tests leave in it stands under scopes
// that nobody else uses.

export function testDatabaseUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (url === undefined) throw new Error('TEST_DATABASE_URL names the PostgreSQL of these tests');
  return url;
}
