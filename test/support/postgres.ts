// The PostgreSQL server that TEST_DATABASE_URL names. Tests leave data there only under scopes that
// nothing else uses.

export function testDatabaseUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (url === undefined) throw new Error('TEST_DATABASE_URL names the PostgreSQL of these tests');
  return url;
}
