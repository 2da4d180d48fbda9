import type { ForwardAuthSettings } from 'agent-identity-authority-core';
import { parseJson } from 'agent-identity-core/http';
import { programError } from '../errors.js';
import type { Configuration } from './configuration.js';
import { readConfigurationFile } from './read-configuration-file.js';

/**
 * Reads the rules for reverse proxies, which `createAuthority` checks.
 *
 * @returns `undefined` without a file of rules
 * @throws AgentIdentityError `invalid_configuration`
 */
export async function openForwardAuth({
  rulesFile,
}: Configuration['forwardAuth']): Promise<ForwardAuthSettings | undefined> {
  if (rulesFile === undefined) return undefined;
  const settings = parseJson(await readConfigurationFile(rulesFile));
  if (typeof settings === 'object' && settings !== null) return settings as ForwardAuthSettings;
  throw programError('invalid_configuration', `${rulesFile}: expected a JSON object with rules`);
}
