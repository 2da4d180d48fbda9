import { dirname, resolve } from 'node:path';
import {
  type Federation,
  type FederationEffects,
  type FederationOptions,
  type FederationRule,
  federation,
} from 'agent-identity-authority-core';
import { isAgentIdentityError } from 'agent-identity-core';
import { parseJson } from 'agent-identity-core/http';
import { programError } from '../errors.js';
import { readToml } from './read-configuration.js';
import { readConfigurationFile } from './read-configuration-file.js';

/**
 * Opens the rules in a TOML file. In place of `jwks`, a rule has `jwksFile`, a path from the folder of the file.
 *
 * @throws AgentIdentityError `invalid_configuration`, which names the rule and what is wrong with it
 */
export async function openFederation(
  file: string,
  options: Pick<FederationOptions, 'onRefusal'>,
  effects: FederationEffects,
): Promise<Federation> {
  const { rules, ...others } = await readToml(file);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined || !Array.isArray(rules)) {
    throw programError('invalid_configuration', `${file}: expected [[rules]], got ${unknown ?? 'none'}`);
  }
  const read = await Promise.all(rules.map((rule: unknown) => readRule(rule, dirname(file))));
  try {
    return federation({ rules: read, ...options }, effects);
  } catch (error) {
    if (!isAgentIdentityError(error)) throw error;
    throw programError('invalid_configuration', `${file}: ${error.message}`);
  }
}

/** `federation` checks the rule. */
async function readRule(rule: unknown, folder: string): Promise<FederationRule> {
  if (typeof rule !== 'object' || rule === null || !('jwksFile' in rule)) return rule as FederationRule;
  const { jwksFile, ...members } = rule;
  const jwks = parseJson(await readConfigurationFile(resolve(folder, String(jwksFile))));
  return { ...members, jwks } as FederationRule;
}
