import {
  decodeEntryBundle,
  type LogReader,
  logTilePath,
  parseUnverifiedCheckpoint,
} from 'agent-identity-authority-core/log';
import { readBoundedText, withDeadline } from 'agent-identity-core/http';
import { toRefusal } from '../admin-client/admin-requests.js';
import { programError } from '../errors.js';

const tileWidth = 256;

/**
 * Reads the log of a running authority.
 *
 * @param options.url The prefix of the log, without a trailing slash.
 * @param options.token **Secret.** Of an administrator.
 */
export function remoteLogReader(
  { url, token }: { readonly url: string; readonly token: string },
  fetch: typeof globalThis.fetch,
): LogReader {
  /** Resolves to `undefined` for a 404. */
  const find = (path: string): Promise<Uint8Array | undefined> =>
    withDeadline({ timeoutSeconds: 60 }, async (signal) => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${url}/${path}`, { headers, redirect: 'error', signal });
      if (response.status === 404) return undefined;
      if (response.status !== 200) {
        throw toRefusal(response.status, await readBoundedText(response, 65_536));
      }
      return new Uint8Array(await response.arrayBuffer());
    });
  const get = async (path: string): Promise<Uint8Array> => {
    const bytes = await find(path);
    if (bytes !== undefined) return bytes;
    throw programError('authority_refused', `the authority responded with 404 to ${path}`);
  };
  /** An empty log has none. */
  const readCheckpoint = async () => {
    const note = await find('checkpoint');
    return note && new TextDecoder().decode(note);
  };
  return {
    readCheckpoint,
    readTile: (level, index, width) => get(logTilePath(level, index, width)),
    async readEntries(firstIndex, count) {
      const checkpoint = await readCheckpoint();
      if (checkpoint === undefined) return [];
      const { size } = parseUnverifiedCheckpoint(checkpoint);
      const entries: Uint8Array[] = [];
      while (entries.length < count) {
        const index = firstIndex + entries.length;
        const bundle = Math.floor(index / tileWidth);
        const width = Math.min(tileWidth, size - bundle * tileWidth);
        entries.push(
          ...decodeEntryBundle(await get(logTilePath('entries', bundle, width))).slice(index % tileWidth),
        );
      }
      return entries.slice(0, count);
    },
  };
}
