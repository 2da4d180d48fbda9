import { loopbackServer } from 'test-support';
import { describe, expect, it } from 'vitest';
import { remoteLogReader } from '../../dist/audit-log/remote-log-reader.js';

const readerOf = (origin: string) => remoteLogReader({ url: origin, token: 'token' }, fetch);

describe('remoteLogReader', () => {
  it('finds neither a checkpoint nor entries in a log that is still empty', async () => {
    const { origin } = await loopbackServer(() => ({ status: 404 }));
    const { readCheckpoint, readEntries } = readerOf(origin);
    expect(await readCheckpoint()).toBeUndefined();
    expect(await readEntries(0, 1)).toEqual([]);
  });

  it.each([401, 503])('does not take %i for an empty log', async (status) => {
    const { origin } = await loopbackServer(() => ({ status }));
    await expect(readerOf(origin).readCheckpoint()).rejects.toMatchObject({ code: 'authority_refused' });
  });
});
