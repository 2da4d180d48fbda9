/** Headers of one connection (RFC 9110 section 7.6.1), and those of proxies. */
const hopByHopHeaders = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Returns the names that a message's headers lose here: those of one hop, and others. In lower case. */
export function createDroppedNames(others: readonly string[]): ReadonlySet<string> {
  return new Set([...hopByHopHeaders, ...others]);
}

/** Returns the header names that `Connection` lists, in lower case; most messages have none. */
export function connectionOptions(connection: string | undefined): readonly string[] {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return [];
  return connection.split(',').map((name) => name.trim().toLowerCase());
}
