import * as z from 'zod/mini';
import { chatgptAuthError } from '../errors.js';
import { parseToml } from '../parse-toml.js';

/**
 * How requests carry an assertion (docs/protocol-instances.md section 4): `dual_header` sends it beside the bearer, in
 * `x-openai-agent-assertion`; `assertion_only` sends it in place of the bearer, in `Authorization`.
 */
export type RuntimeAgentInstancesMode = 'dual_header' | 'assertion_only';

/** The setting of the feature in one document. */
export interface FeatureSetting {
  readonly enabled?: boolean | undefined;
  readonly mode?: RuntimeAgentInstancesMode | undefined;
}

const settingSchema: z.ZodMiniType<FeatureSetting> = z.union([
  z.pipe(
    z.boolean(),
    z.transform((enabled) => ({ enabled })),
  ),
  z.strictObject({
    enabled: z.optional(z.boolean()),
    mode: z.optional(z.enum(['dual_header', 'assertion_only'])),
  }),
]);

const featuresSchema = z.object({ runtime_agent_instances: z.optional(z.unknown()) });

/**
 * Reads `features.runtime_agent_instances` of a TOML document: a boolean, which says nothing about the mode, or a table
 * of `enabled` and `mode`. Unknown keys and modes are refused, as in the published client.
 *
 * @param toml `undefined` for a missing file.
 * @param what Names the document in error messages.
 * @throws AgentIdentityError `invalid_config`
 */
export function readFeatureSetting(toml: string | undefined, what: string): FeatureSetting {
  const document = parseToml(toml ?? '', what) as Readonly<Record<string, unknown>>;
  return parseSetting(document['features'], what);
}

/** Reads the same from requirements, where the table may be named `feature_requirements` instead. */
export function readRequiredSetting(toml: string | undefined, what: string): FeatureSetting {
  const { features, feature_requirements: alias } = parseToml(toml ?? '', what) as Readonly<
    Record<string, unknown>
  >;
  if (features !== undefined && alias !== undefined) {
    throw invalidConfig(what, 'expected either features or feature_requirements, got both');
  }
  return parseSetting(features ?? alias, what);
}

/** Adds the settings of a higher layer, member by member: a boolean there keeps the mode of a table here. */
export function mergeSettings(layers: readonly FeatureSetting[]): FeatureSetting {
  return layers.reduce(
    (merged, { enabled, mode }) => ({
      enabled: enabled ?? merged.enabled,
      mode: mode ?? merged.mode,
    }),
    {},
  );
}

function parseSetting(features: unknown, what: string): FeatureSetting {
  if (features === undefined) return {};
  const table = featuresSchema.safeParse(features);
  if (!table.success) throw invalidConfig(what, 'features: expected a table');
  if (table.data.runtime_agent_instances === undefined) return {};
  const setting = settingSchema.safeParse(table.data.runtime_agent_instances);
  if (setting.success) return setting.data;
  throw invalidConfig(
    what,
    'features.runtime_agent_instances: expected true, false, or a table of enabled (true or false) and mode ("dual_header" or "assertion_only")',
  );
}

function invalidConfig(what: string, reason: string): Error {
  return chatgptAuthError('invalid_config', `${what}: ${reason}`);
}
