import { describe, expect, it } from 'vitest';
import { onAnyServer, readPostgresServers } from '../../dist/postgres/postgres-servers.js';
import { readStoreUrl } from '../../dist/store-url.js';

const [one, other] = ['postgres://u:p@a:5432/db?x=1', 'postgres://u:p@b:5433/db?x=1'];
const both = 'postgres://u:p@a:5432,b:5433/db?x=1';

describe('the servers of a store URL', () => {
  it('are used one after the other', () => {
    const servers = readPostgresServers(both);
    expect(servers.count).toBe(2);
    expect(servers.current()).toBe(one);
    servers.skip(one);
    // Another connection to the same server failed too.
    servers.skip(one);
    expect(servers.current()).toBe(other);
    servers.skip(other);
    expect(servers.current()).toBe(one);
  });

  it('may be one', () => {
    const servers = readPostgresServers(one);
    servers.skip(one);
    expect([servers.count, servers.current()]).toEqual([1, one]);
  });

  it('are tried until one works', async () => {
    const servers = readPostgresServers(both);
    const tried: string[] = [];
    const work = async () => {
      tried.push(servers.current());
      if (servers.current() === one) throw new Error('down');
      return 'done';
    };
    expect(await onAnyServer(servers, work)).toBe('done');
    expect(await onAnyServer(servers, work)).toBe('done');
    expect(tried).toEqual([one, other, other]);
    await expect(
      onAnyServer(servers, async () => {
        throw new Error('all are down');
      }),
    ).rejects.toThrow('all are down');
  });

  it.each([both, `${one}&target_session_attrs=read-write`, `${one}&target_session_attrs=primary`])(
    'must take changes: %s',
    async (url) => {
      const client = { query: async () => ({ rows: [{ standby: true }] }) };
      await expect(readPostgresServers(url).requireWritable(client as never)).rejects.toMatchObject({
        code: '57P03',
      });
    },
  );

  it.each(['any', 'standby', 'read-only', 'prefer-standby', ''])(
    'may not be asked for with target_session_attrs=%s',
    (value) => {
      expect(() => readPostgresServers(`${both}&target_session_attrs=${value}`)).toThrow(
        expect.objectContaining({
          code: 'unsupported_store_url',
          message: expect.not.stringContaining('u:p'),
        }),
      );
    },
  );

  it.each(['postgres://u:p@a:5432,b:99999/db', 'postgres://u:p@a:5432,,b/db'])('are checked: %s', (url) => {
    expect(() => readStoreUrl(url)).toThrow(expect.objectContaining({ code: 'unsupported_store_url' }));
  });
});
