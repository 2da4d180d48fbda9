import { stat } from 'node:fs/promises';
import { platform } from 'node:process';
import type { Configuration } from '../configuration/configuration.js';
import { listAdministratorTokenFiles } from '../configuration/open-administrators.js';
import type { ReadConfiguration } from '../configuration/read-configuration.js';
import { settings } from '../configuration/settings.js';
import { type Finding, found, passed } from './finding.js';

/** Checks that others cannot read the files with secrets. That a file is missing shows where it is used. */
export async function* checkSecretFiles(
  read: ReadConfiguration,
  configurationFile: string | undefined,
): AsyncGenerator<Finding, void> {
  // Windows has no such modes.
  if (platform === 'win32') return;
  const holdsSecret = settings.some(({ path, secret }) => secret && read.origins.get(path) === 'file');
  const files = [...secretFiles(read.configuration), ...(await filesOfAdministrators(read.configuration))];
  if (holdsSecret && configurationFile !== undefined) files.push(configurationFile);
  let isClosed = true;
  for (const file of files) {
    const finding = await checkFile(file);
    if (finding !== undefined) yield finding;
    isClosed &&= finding === undefined;
  }
  if (isClosed && files.length > 0) {
    yield passed('permissions', `${files.length} files and folders with secrets are closed to others`);
  }
}

function secretFiles(configuration: Configuration): string[] {
  const { store, masterKeyFile, otherMasterKeyFiles = [], agents, administrators, verifiers } = configuration;
  const { platformApiKeys, personalAccessTokens } = configuration;
  const [, folder] = /^pglite:(.+)$/s.exec(store) ?? [];
  const files = [
    configuration.url === undefined ? folder : undefined,
    masterKeyFile,
    ...otherMasterKeyFiles,
    agents.tokensFile,
    ...[administrators, verifiers].flatMap(({ tokenFile, tokensFile }) => [tokenFile, tokensFile]),
    platformApiKeys.introspectionTokenFile,
    personalAccessTokens.introspectionTokenFile,
  ];
  return files.filter((file) => file !== undefined);
}

/** The files that a file of administrators names. That it cannot be read shows where it is used. */
async function filesOfAdministrators({ administrators }: Configuration): Promise<readonly string[]> {
  const { tokensFile } = administrators;
  return tokensFile === undefined ? [] : listAdministratorTokenFiles(tokensFile).catch(() => []);
}

async function checkFile(file: string): Promise<Finding | undefined> {
  const stats = await stat(file).catch(() => undefined);
  if (stats === undefined) return undefined;
  const mode = (stats.mode & 0o777).toString(8);
  const message = `${file} has mode ${mode}`;
  if ((stats.mode & 0o007) !== 0) {
    return found('problem', 'permissions', { code: 'readable_by_others', message });
  }
  if ((stats.mode & 0o070) !== 0) {
    return found('warning', 'permissions', { code: 'readable_by_group', message });
  }
  return undefined;
}
