import { join } from 'node:path';

/** A member of a Patroni cluster, and where it listens on loopback. */
export interface MemberAddress {
  readonly name: string;
  readonly port: number;
  /** Of Patroni's own server. */
  readonly apiPort: number;
}

/** The configuration of a member, as JSON, which YAML includes. */
export function patroniConfiguration(
  { name, port, apiPort }: MemberAddress,
  { binaries, folder, etcdPort }: { binaries: string; folder: string; etcdPort: number },
): object {
  const account = { username: 'postgres', password: 'not-used-because-of-trust' };
  return {
    scope: 'authority',
    name,
    restapi: { listen: `127.0.0.1:${apiPort}`, connect_address: `127.0.0.1:${apiPort}` },
    etcd3: { host: `127.0.0.1:${etcdPort}` },
    bootstrap: {
      dcs: {
        // The shortest times that Patroni takes.
        ttl: 20,
        loop_wait: 1,
        retry_timeout: 3,
        synchronous_mode: true,
        postgresql: { use_pg_rewind: true },
      },
      initdb: [{ encoding: 'UTF8' }, { locale: 'C' }, { auth: 'trust' }],
    },
    postgresql: {
      listen: `127.0.0.1:${port}`,
      connect_address: `127.0.0.1:${port}`,
      data_dir: join(folder, name, 'data'),
      bin_dir: binaries,
      pgpass: join(folder, name, 'pgpass'),
      parameters: { unix_socket_directories: join(folder, name) },
      pg_hba: [
        'host all all 127.0.0.1/32 trust',
        'host replication all 127.0.0.1/32 trust',
        'local all all trust',
      ],
      authentication: { superuser: account, replication: { ...account, username: 'replicator' } },
    },
  };
}

/** The health check of Patroni answers with 200 at the leader only. */
export function haproxyConfiguration(port: number, members: readonly MemberAddress[]): string {
  const servers = members.map(
    ({ name, port: server, apiPort }) => `  server ${name} 127.0.0.1:${server} check port ${apiPort}`,
  );
  return `defaults
  mode tcp
  timeout connect 2s
  timeout client 1m
  timeout server 1m
listen postgres
  bind 127.0.0.1:${port}
  option httpchk GET /primary
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
${servers.join('\n')}
`;
}
