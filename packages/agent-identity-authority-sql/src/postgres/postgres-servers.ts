import type { ClientBase } from 'pg';
import { sqlError } from '../errors.js';

/** The servers of one database, of which one takes changes: a primary and its standbys. */
export interface PostgresServers {
  readonly count: number;
  /** Where to connect now, as a URL with one host. May contain a password. */
  current(): string;
  /** The server at this URL does not answer or takes no changes: the next connection goes to the next one. */
  skip(url: string): void;
  /** Rejects if the server takes no changes. Asks only if it may be a standby. */
  requireWritable(client: Pick<ClientBase, 'query'>): Promise<void>;
}

/** Splits `postgres://user:password@host:port,host:port/database?…` into one URL for each host. */
export function splitHosts(url: string): string[] {
  const [, start = '', hosts = '', end = ''] = /^(\w+:\/\/(?:[^/?#]*@)?)([^/?#]*)(.*)$/s.exec(url) ?? [];
  return hosts.split(',').map((host) => `${start}${host}${end}`);
}

/**
 * Reads the servers of a URL. With several hosts, or with `target_session_attrs=read-write` (or `primary`), only a server
 * that takes changes is used.
 *
 * @throws AgentIdentityError `unsupported_store_url`, without the URL
 */
export function readPostgresServers(url: string): PostgresServers {
  const urls = splitHosts(url);
  const wanted = /[?&]target_session_attrs=([^&]*)/.exec(url)?.[1];
  const isKnown = wanted === undefined || wanted === 'read-write' || wanted === 'primary';
  if (!isKnown && !(wanted === 'any' && urls.length === 1)) {
    throw sqlError(
      'unsupported_store_url',
      'store URL: expected target_session_attrs=read-write, because the store is changed; got another value',
    );
  }
  const mayBeStandby = urls.length > 1 || (isKnown && wanted !== undefined);
  let position = 0;
  const current = () => urls[position] ?? url;
  return {
    count: urls.length,
    current,
    skip(failed) {
      // Of many connections that fail together, only the first one moves on.
      if (failed === current()) position = (position + 1) % urls.length;
    },
    async requireWritable(client) {
      if (!mayBeStandby) return;
      const { rows } = await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby');
      // cannot_connect_now
      if (rows[0]?.standby) throw Object.assign(new Error('the server is a standby'), { code: '57P03' });
    },
  };
}

/** Runs the work for one server after the other, until one does it. Rejects as the last one did. */
export async function onAnyServer<Result>(
  servers: PostgresServers,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    const url = servers.current();
    try {
      return await work();
    } catch (error) {
      servers.skip(url);
      if (attempt >= servers.count) throw error;
    }
  }
}
