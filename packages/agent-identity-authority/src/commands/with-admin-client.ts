import type { Command } from 'commander';
import type { AdminClient } from '../admin-client/admin-client.js';
import { openLocalAdminClient } from '../admin-client/local-admin-client.js';
import { createRemoteAdminClient } from '../admin-client/remote-admin-client.js';
import type { Configuration } from '../configuration/configuration.js';
import { readSecretFile } from '../configuration/read-configuration-file.js';
import { programError } from '../errors.js';
import { createLogger } from '../server/logger.js';
import type { CommandIo } from './command-io.js';
import { readCommandConfiguration } from './setting-options.js';

/** Runs work with a client for the authority that the command's settings select, and closes the client. */
export async function withAdminClient<Result>(
  command: Command,
  io: CommandIo,
  work: (client: AdminClient) => Promise<Result>,
): Promise<Result> {
  const { configuration } = await readCommandConfiguration(command, io);
  // A mistyped folder must not look like an empty store.
  const ifMissing = command.name() === 'issue' ? 'create' : 'refuse';
  const client = await openAdminClient(configuration, ifMissing, io);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

async function openAdminClient(
  configuration: Configuration,
  ifMissing: 'create' | 'refuse',
  io: CommandIo,
): Promise<AdminClient> {
  const { url, administrators } = configuration;
  if (url === undefined) {
    const logger = createLogger('error', { write: io.writeError });
    return openLocalAdminClient(configuration, {
      ifMissing,
      onFailure: (err) => logger.error({ err }, 'failure'),
      onCreate: () => io.writeError('Creating the PGlite folder …\n'),
    });
  }
  const { token, tokenFile } = administrators;
  if (token === undefined && tokenFile === undefined) {
    throw programError(
      'invalid_configuration',
      'administrators.token or administrators.tokenFile: expected one of them with url, got neither',
    );
  }
  return createRemoteAdminClient({ url, token: token ?? (await readSecretFile(tokenFile ?? '')) }, io.fetch);
}
