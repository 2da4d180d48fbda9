import type { Command } from 'commander';
import type { Configuration } from '../configuration/configuration.js';
import { readSecretFile } from '../configuration/read-secret-file.js';
import type { AuthorityControl } from '../control/authority-control.js';
import { localControl } from '../control/local-control.js';
import { remoteControl } from '../control/remote-control.js';
import { authorityError } from '../errors.js';
import { authorityLogger } from '../server/logger.js';
import type { CommandIo } from './command-io.js';
import { configurationOf } from './setting-options.js';

/** Does something with the authority that the settings of a command tell of, and lets go of it. */
export async function withControl<Result>(
  command: Command,
  io: CommandIo,
  work: (control: AuthorityControl) => Promise<Result>,
): Promise<Result> {
  const { configuration } = await configurationOf(command, io);
  const control = await openControl(configuration, io);
  try {
    return await work(control);
  } finally {
    await control.close();
  }
}

async function openControl(configuration: Configuration, io: CommandIo): Promise<AuthorityControl> {
  const { url, administrators } = configuration;
  if (url === undefined) {
    const logger = authorityLogger('error', { write: io.complain });
    return localControl(configuration, (err) => logger.error({ err }, 'failure'));
  }
  const { token, tokenFile } = administrators;
  if (token === undefined && tokenFile === undefined) {
    throw authorityError(
      'invalid_configuration',
      'administrators.token or administrators.tokenFile: expected one of them with url, got nothing',
    );
  }
  return remoteControl({ url, token: token ?? (await readSecretFile(tokenFile ?? '')) }, io.fetch);
}
