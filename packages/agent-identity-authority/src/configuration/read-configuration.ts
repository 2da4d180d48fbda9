import { findNearestName } from 'agent-identity-core/http';
import { parse, TomlError } from 'smol-toml';
import type * as z from 'zod';
import { programError } from '../errors.js';
import type { Configuration } from './configuration.js';
import { configurationSchema } from './configuration-schema.js';
import { readConfigurationFile } from './read-configuration-file.js';
import { environmentPrefix, type Setting, settings } from './settings.js';

/** Where a setting comes from. */
type Origin = 'flag' | 'environment' | 'file' | 'default';

/** A configuration, and where each setting comes from. */
export interface ReadConfiguration {
  readonly configuration: Configuration;
  /** By setting path. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/** The sources of a configuration. */
export interface ConfigurationSources {
  /** By setting path. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A TOML file. Default: the one that the environment names. */
  readonly file?: string | undefined;
}

/** The environment variable that names the file. */
export const fileVariable: string = `${environmentPrefix}CONFIG`;

/**
 * Reads the configuration. Flags override the environment, which overrides the file, which overrides the defaults.
 *
 * @throws AgentIdentityError `invalid_configuration`, which names the invalid settings but not their values
 */
export async function readConfiguration({
  flags,
  environment,
  file = environment[fileVariable],
}: ConfigurationSources): Promise<ReadConfiguration> {
  requireKnownVariables(environment);
  const raw = file === undefined ? {} : await readToml(file);
  const origins = new Map<string, Origin>();
  for (const setting of settings) {
    const { path } = setting;
    const variable = environment[setting.environment];
    if (flags[path] !== undefined) setValue(raw, path, parseValue(setting, flags[path]));
    else if (variable !== undefined && variable !== '') setValue(raw, path, parseValue(setting, variable));
    origins.set(path, originOf(setting, flags, environment, raw));
  }
  return { configuration: parseConfiguration(raw, (path) => origins.get(path) ?? 'file'), origins };
}

/**
 * Checks a configuration and fills in the defaults.
 *
 * @param originOf Returns where a setting comes from, for the error.
 * @throws AgentIdentityError `invalid_configuration`, which names the invalid settings but not their values
 */
export function parseConfiguration(input: unknown, originOf: (path: string) => string): Configuration {
  const result = configurationSchema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => describeIssue(issue, originOf));
  throw programError('invalid_configuration', problems.join('; '));
}

function describeIssue(issue: z.core.$ZodIssue, originOf: (path: string) => string): string {
  if (issue.code === 'unrecognized_keys') {
    const path = [...issue.path, issue.keys[0]].join('.');
    const names = settings.map((setting) => setting.path);
    return `${path} (${originOf(path)}): there is no such setting${suggest(path, names)}`;
  }
  const path = issue.path.join('.');
  return `${path || 'configuration'} (${originOf(path)}): ${issue.message}`;
}

function suggest(name: string, known: readonly string[]): string {
  const nearest = findNearestName(name, known);
  return nearest === undefined ? '' : `, did you mean ${nearest}?`;
}

/** A mistyped variable must not go unnoticed: it may be one that restricts access. */
function requireKnownVariables(environment: ConfigurationSources['environment']): void {
  const known = [fileVariable, ...settings.map((setting) => setting.environment)];
  const unknown = Object.keys(environment).find(
    (name) => name.startsWith(environmentPrefix) && !known.includes(name),
  );
  if (unknown === undefined) return;
  const hint = suggest(unknown, known);
  throw programError('invalid_configuration', `${unknown} (environment): there is no such setting${hint}`);
}

/**
 * Reads a TOML file.
 *
 * @throws AgentIdentityError `invalid_configuration`, which quotes nothing of the file
 */
export async function readToml(file: string): Promise<Record<string, unknown>> {
  const toml = await readConfigurationFile(file);
  try {
    return parse(toml);
  } catch (error) {
    const position = error instanceof TomlError ? ` in line ${error.line}, column ${error.column}` : '';
    throw programError('invalid_configuration', `${file}: not TOML${position}`);
  }
}

function originOf(
  { path, environment: variable }: Setting,
  flags: ConfigurationSources['flags'],
  environment: ConfigurationSources['environment'],
  raw: Record<string, unknown>,
): Origin {
  if (flags[path] !== undefined) return 'flag';
  if (environment[variable]) return 'environment';
  return valueAt(raw, path) === undefined ? 'default' : 'file';
}

/** Converts the text of a flag or variable to the setting's kind. Keeps invalid text, for the schema to refuse. */
function parseValue({ kind }: Setting, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (kind === 'number') return value.trim() === '' ? value : Number(value);
  if (kind === 'list') return value.split(/[\s,]+/).filter((part) => part !== '');
  if (kind === 'boolean') return value === 'true' ? true : value === 'false' ? false : value;
  return value;
}

/** Returns the value of a setting by its path. */
export function valueAt(values: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
      values,
    );
}

function setValue(values: Record<string, unknown>, path: string, value: unknown): void {
  const [section = '', name] = path.split('.');
  if (name === undefined) values[section] = value;
  else values[section] = { ...(values[section] as object | undefined), [name]: value };
}
