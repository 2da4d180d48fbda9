import type { Command } from 'commander';
import type { AdminClient } from '../admin-client/admin-client.js';
import { localAdminClient } from '../admin-client/local-admin-client.js';
import { remoteAdminClient } from '../admin-client/remote-admin-client.js';
import type { Configuration } from '../configuration/configuration.js';
import { readSecretFile } from '../configuration/read-secret-file.js';
import { programError } from '../errors.js';
import { authorityLogger } from '../server/logger.js';
import type { CommandIo } from './command-io.js';
import { configurationOf } from './setting-options.js';

/** Does something with the authority that the settings of a command tell of, and lets go of it. */
export async function withAdminClient<Result>(
  command: Command,
  io: CommandIo,
  work: (control: AdminClient) => Promise<Result>,
): Promise<Result> {
  const { configuration } = await configurationOf(command, io);
  const control = await openAdminClient(configuration, io);
  try {
    return await work(control);
  } finally {
    await control.close();
  }
}

async function openAdminClient(configuration: Configuration, io: CommandIo): Promise<AdminClient> {
  const { url, administrators } = configuration;
  if (url === undefined) {
    const logger = authorityLogger('error', { write: io.writeError });
    return localAdminClient(configuration, (err) => logger.error({ err }, 'failure'));
  }
  const { token, tokenFile } = administrators;
  if (token === undefined && tokenFile === undefined) {
    throw programError(
      'invalid_configuration',
      'administrators.token or administrators.tokenFile: expected one of them with url, got nothing',
    );
  }
  return remoteAdminClient({ url, token: token ?? (await readSecretFile(tokenFile ?? '')) }, io.fetch);
}
