import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPublishedClient } from './install-published-client.mjs';
import { publishedClients } from './published-clients.mjs';
import { runInLoopbackNamespace } from './run-in-loopback-namespace.mjs';

/** Time limit of one script in seconds. Generous, because all versions run at once. */
const timeLimitSeconds = 420;

/** Time limit in milliseconds for a test hook that downloads all versions and runs a script with each. */
export const hookTimeout = 900_000;

/**
 * Downloads all versions of the published client, then runs a script with each, all at once, each in a network namespace
 * of its own. A script gets the path of the client's binary, an empty folder and the version, and prints JSON.
 *
 * @param {URL} script
 * @returns {Promise<Record<string, any>>} What each script printed, by version.
 */
export async function runWithPublishedClients(script) {
  const path = fileURLToPath(script);
  const clients = publishedClients.map(({ version }) => ({
    version,
    binary: installPublishedClient(version),
  }));
  const runs = await Promise.allSettled(
    clients.map(async ({ version, binary }) => [version, await runScript(path, binary, version)]),
  );
  return Object.fromEntries(
    runs.map((run) => {
      if (run.status === 'rejected') throw run.reason;
      return run.value;
    }),
  );
}

/**
 * @param {string} script
 * @param {string} binary
 * @param {string} version
 */
async function runScript(script, binary, version) {
  const folder = await mkdtemp(join(tmpdir(), `published-client-${version}-`));
  try {
    return JSON.parse(await runInLoopbackNamespace(script, [binary, folder, version], timeLimitSeconds));
  } catch (error) {
    throw new Error(`the script failed with the published client ${version}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
