import { explainSchemaError } from 'agent-identity-core/wire';
import * as z from 'zod/mini';
import { chatgptAuthError } from '../errors.js';

/** The TOML documents of a bundle, from the lowest to the highest precedence. */
export interface CloudConfigDocuments {
  readonly configs: readonly string[];
  readonly requirements: readonly string[];
}

const bucketSchema = z.nullish(
  z.object({
    enterprise_managed: z.nullish(
      z.array(z.object({ id: z.string(), name: z.string(), contents: z.string() })),
    ),
  }),
);

const bundleSchema = z.object({ config_toml: bucketSchema, requirements_toml: bucketSchema });

/**
 * Reads the JSON of `GET {chatgpt base}/wham/config/bundle` (docs/protocol-instances.md section 1). Missing members mean
 * none; `{}` is an empty bundle. The server lists documents from the highest to the lowest precedence.
 *
 * @throws AgentIdentityError `invalid_config`
 */
export function readCloudConfigBundle(bundle: unknown): CloudConfigDocuments {
  const parsed = bundleSchema.safeParse(bundle);
  if (!parsed.success) {
    const problem = explainSchemaError(parsed.error, bundle);
    throw chatgptAuthError('invalid_config', `cloud config bundle: ${problem}`);
  }
  const { config_toml: configs, requirements_toml: requirements } = parsed.data;
  return { configs: lowestFirst(configs), requirements: lowestFirst(requirements) };
}

function lowestFirst(bucket: z.infer<typeof bucketSchema>): string[] {
  return (bucket?.enterprise_managed ?? []).map(({ contents }) => contents).reverse();
}
