import {
  identificationHeaders,
  invalidArgument,
  isHeaderSafe,
  requireKnownOptions,
} from 'agent-identity-core/http';
import { type InstanceMetadata, instanceMetadataSchema } from 'agent-identity-core/wire';
import { resolveInstanceBaseUrl } from 'agent-identity-registry';
import type { RuntimeAgentInstancesMode } from 'chatgpt-auth';

/**
 * Options of the policy `runtime-agent-instances`: requests to OpenAI hosts carry assertions of the second generation
 * (docs/protocol-instances.md). Nothing in them is secret.
 */
export interface RuntimeAgentInstancesOptions {
  /** The id of the installation: a UUID in lower case with hyphens. See `readOrCreateInstallationId` of chatgpt-auth. */
  readonly installationId: string;
  /**
   * `dual_header` sends the assertion in `x-openai-agent-assertion`, beside the bearer token. `assertion_only` sends it as
   * `Authorization` in place of the bearer token.
   */
  readonly mode: RuntimeAgentInstancesMode;
  /**
   * Host names that get assertions besides those of docs/protocol-instances.md section 4, without a port, on every port.
   * Default: none.
   */
  readonly hosts?: readonly string[] | undefined;
  /**
   * The server that registers instances, such as a self-hosted authority. Default: that of `chatgptBaseUrl`. Its instances
   * are not used on OpenAI hosts, unless `hosts` names them.
   */
  readonly instanceBaseUrl?: string | undefined;
  /** The organization to act for, for an API key only. Sent as `OpenAI-Organization`. */
  readonly organizationId?: string | undefined;
  /** The project to act for, for an API key only. Sent as `OpenAI-Project`. */
  readonly projectId?: string | undefined;
  /** The program that registers. Default: the harness `agent-identity-ts`, an `orchestrator`. */
  readonly metadata?: InstanceMetadata | undefined;
}

/** The options, checked, with defaults filled in. */
export interface RuntimeAgentInstances {
  readonly installationId: string;
  readonly mode: RuntimeAgentInstancesMode;
  readonly hosts: ReadonlySet<string>;
  /** Where instances are registered, without a trailing slash. */
  readonly baseUrl: string;
  readonly organizationId: string | undefined;
  readonly projectId: string | undefined;
  readonly metadata: InstanceMetadata;
  readonly allowPlainHttpHosts: readonly string[] | undefined;
  readonly userAgent: string | undefined;
}

/** The settings of a session that instances share. */
export interface SessionSettings {
  readonly chatgptBaseUrl?: string | undefined;
  readonly allowPlainHttpHosts?: readonly string[] | undefined;
  readonly userAgent?: string | undefined;
  readonly forcedWorkspaceIds: readonly string[];
}

const optionNames = [
  'installationId',
  'mode',
  'hosts',
  'instanceBaseUrl',
  'organizationId',
  'projectId',
  'metadata',
] as const satisfies readonly (keyof RuntimeAgentInstancesOptions)[];

const option = 'runtimeAgentInstances';

/**
 * Checks the options, without the URLs.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireRuntimeAgentInstances(options: RuntimeAgentInstancesOptions): void {
  requireKnownOptions(options, optionNames, option);
  const { installationId, mode, hosts = [], organizationId, projectId, metadata } = options;
  const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  require(typeof installationId === 'string' && uuid.test(installationId), 'installationId', installationId);
  require(mode === 'dual_header' || mode === 'assertion_only', 'mode', mode);
  require(Array.isArray(hosts) && hosts.every(isHostName), 'hosts', hosts);
  require(organizationId === undefined || isHeaderSafe(organizationId), 'organizationId', organizationId);
  require(projectId === undefined || isHeaderSafe(projectId), 'projectId', projectId);
  require(metadata === undefined || instanceMetadataSchema.safeParse(metadata).success, 'metadata', metadata);
}

const expectations = {
  installationId: 'a UUID in lower case with hyphens',
  mode: 'dual_header or assertion_only',
  hosts: 'a list of host names without a port, such as models.example.com',
  organizationId: 'visible ASCII characters without spaces',
  projectId: 'visible ASCII characters without spaces',
  metadata: 'harness, harness_version and role, each a string that is not empty',
} as const;

function require(isValid: boolean, name: keyof typeof expectations, value: unknown): void {
  if (!isValid) throw invalidArgument(`${option}.${name}`, expectations[name], value);
}

function isHostName(host: unknown): boolean {
  // The URL parser accepts a pattern such as *.example.com as a name.
  if (typeof host !== 'string' || /[^a-z0-9._:[\]-]/i.test(host) || !URL.canParse(`https://${host}/`))
    return false;
  return new URL(`https://${host}/`).host === host.toLowerCase() && !/:\d+$/.test(host);
}

/**
 * Fills in the defaults.
 *
 * @param options Checked by {@link requireRuntimeAgentInstances}.
 * @throws AgentIdentityError `unknown_chatgpt_base_url`, `insecure_url`, `invalid_base_url`
 */
export function resolveRuntimeAgentInstancesOptions(
  options: RuntimeAgentInstancesOptions,
  { chatgptBaseUrl, allowPlainHttpHosts, userAgent }: SessionSettings,
): RuntimeAgentInstances {
  const { installationId, mode, hosts = [], instanceBaseUrl, organizationId, projectId } = options;
  const { metadata = defaultMetadata() } = options;
  return {
    installationId,
    mode,
    hosts: new Set(hosts.map((host) => host.toLowerCase())),
    baseUrl: resolveInstanceBaseUrl({ chatgptBaseUrl, baseUrl: instanceBaseUrl, allowPlainHttpHosts }),
    organizationId,
    projectId,
    metadata,
    allowPlainHttpHosts,
    userAgent,
  };
}

/** The harness is this family of packages, as in the default `User-Agent`. */
function defaultMetadata(): InstanceMetadata {
  const [harness = '', version = ''] = identificationHeaders()['User-Agent'].split('/');
  return { harness, harness_version: version, role: 'orchestrator' };
}
