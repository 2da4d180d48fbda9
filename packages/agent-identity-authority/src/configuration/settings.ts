import * as z from 'zod';
import { configurationSchema } from './configuration-schema.js';

/** A setting, and its names as a flag and as an environment variable. */
export interface Setting {
  /** Such as `limits.connections`: the section and the name in a file. */
  readonly path: string;
  readonly kind: 'text' | 'number' | 'boolean' | 'list';
  /** Such as `AIA_LIMITS_CONNECTIONS`. */
  readonly environment: string;
  /** Such as `limits-connections`. Secrets have none, because flags show in process lists. */
  readonly flag: string | undefined;
  readonly description: string;
  readonly fallback: unknown;
  readonly secret: boolean;
}

/**
 * The prefix of all environment variables. It is not the full name, because Kubernetes sets
 * `AGENT_IDENTITY_AUTHORITY_PORT` for a service with that name.
 */
export const environmentPrefix = 'AIA_';

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly description?: string;
  readonly default?: unknown;
  readonly secret?: boolean;
}

const kinds: Readonly<Record<string, Setting['kind']>> = {
  integer: 'number',
  boolean: 'boolean',
  array: 'list',
};

/** All settings, in the order of the schema. */
export const settings: readonly Setting[] = settingsOf(
  z.toJSONSchema(configurationSchema, { io: 'input' }) as JsonSchema,
  [],
);

function settingsOf({ properties = {} }: JsonSchema, section: readonly string[]): Setting[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = [...section, name];
    return schema.type === 'object' ? settingsOf(schema, path) : [settingOf(schema, path)];
  });
}

function settingOf(
  { type = 'string', description = '', default: fallback, secret = false }: JsonSchema,
  path: readonly string[],
): Setting {
  const words = path.flatMap((name) => name.split(/(?=[A-Z])/)).map((word) => word.toLowerCase());
  return {
    path: path.join('.'),
    kind: kinds[type] ?? 'text',
    environment: `${environmentPrefix}${words.join('_').toUpperCase()}`,
    flag: secret ? undefined : words.join('-'),
    description,
    fallback,
    secret,
  };
}
