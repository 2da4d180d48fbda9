import { type AgentSigner, requireAgentSigner } from 'agent-identity-core';
import {
  identificationHeaders,
  invalidArgument,
  requireKnownOptions,
  requireMethods,
  requireObject,
  requireSecureUrl,
} from 'agent-identity-core/http';
import { agentBillOfMaterialsSchema } from 'agent-identity-core/wire';
import { type CodexEnvironment, readCodexEnvironment } from 'chatgpt-auth';
import { providerAuthError } from '../errors.js';
import {
  type RuntimeAgentInstancesOptions,
  requireRuntimeAgentInstances,
} from '../instances/runtime-agent-instances.js';
import type { LoadAuthOptions, OpenedLogin } from './load-auth-options.js';

/** The options of `loadAuth`, checked, with the settings of the environment or of an open login filled in. */
export interface ResolvedLoadAuthOptions extends Omit<LoadAuthOptions, 'env'> {
  readonly environment: CodexEnvironment | undefined;
  readonly forcedWorkspaceIds: readonly string[];
}

type Check = (value: unknown, name: string) => void;

const requireText: Check = (value, name) => {
  if (!isText(value)) throw invalidArgument(name, 'a string that is not blank', value);
};

const requireTexts: Check = (value, name) => {
  if (Array.isArray(value) && value.every(isText)) return;
  throw invalidArgument(name, 'a list of strings that are not blank', value);
};

const requireOneOf =
  (...choices: readonly string[]): Check =>
  (value, name) => {
    if (!choices.includes(String(value))) throw invalidArgument(name, choices.join(' or '), value);
  };

/** The check of each option. Credentials are checked where they are chosen. */
const checks: Readonly<Record<keyof LoadAuthOptions, Check | undefined>> = {
  apiKey: undefined,
  jwt: undefined,
  record: undefined,
  signer: (value) => requireAgentSigner(value as AgentSigner),
  personalAccessToken: undefined,
  login: requireLogin,
  env: requireObject,
  store: (value, name) => requireMethods(value, ['read', 'update', 'withLock'], name, 'an AuthStore'),
  runtimeAgentInstances: (value) => requireRuntimeAgentInstances(value as RuntimeAgentInstancesOptions),
  policy: requireOneOf('jwt-only', 'chatgpt-auth'),
  forcedWorkspaceIds: requireTexts,
  forcedLoginMethod: requireOneOf('api', 'chatgpt'),
  abom: (value, name) => {
    if (agentBillOfMaterialsSchema.safeParse(value).success) return;
    throw invalidArgument(name, 'an agent bill of materials', value);
  },
  chatgptBaseUrl: requireText,
  authapiBaseUrl: requireText,
  jwtBaseUrl: requireText,
  jwks: (value, name) => requireMethods(value, ['findKey'], name, 'a JwksSource'),
  whoamiBaseUrl: requireText,
  tokenUrl: requireText,
  clientId: requireText,
  scope: requireObject,
  allowPlainHttpHosts: requireTexts,
  userAgent: undefined,
  originator: undefined,
};

/** The options that a login does not have settings for. Other credentials are refused later. */
const withLogin: readonly string[] = [
  ...['login', 'jwks', 'runtimeAgentInstances', 'scope'],
  ...['apiKey', 'jwt', 'record', 'signer', 'personalAccessToken'],
];

/**
 * Checks all options of `loadAuth`, whether they will be used or not, and fills in the settings of the environment or of
 * the login.
 *
 * @throws AgentIdentityError `invalid_argument`, `insecure_url`, `invalid_access_token`
 */
export function resolveLoadAuthOptions(options: LoadAuthOptions): ResolvedLoadAuthOptions {
  requireKnownOptions(options, Object.keys(checks), 'options');
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) checks[name as keyof LoadAuthOptions]?.(value, name);
  identificationHeaders({ userAgent: options.userAgent, originator: options.originator });
  if (options.login === undefined) return withEnvironment(options);
  const conflicting = given.map(([name]) => name).find((name) => !withLogin.includes(name));
  if (conflicting !== undefined) {
    const message = `login: has its own settings; pass ${conflicting} to openCodexLogin`;
    throw providerAuthError('invalid_argument', message);
  }
  return withSettings(options, options.login.settings);
}

/** The options that a variable of the environment may provide. */
const variables = {
  authapiBaseUrl: 'CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL',
  jwtBaseUrl: 'CODEX_AGENT_IDENTITY_JWKS_BASE_URL',
  whoamiBaseUrl: 'CODEX_AUTHAPI_BASE_URL',
  tokenUrl: 'CODEX_REFRESH_TOKEN_URL_OVERRIDE',
} as const;

function withEnvironment({ env, ...options }: LoadAuthOptions): ResolvedLoadAuthOptions {
  const environment = env && readCodexEnvironment(env);
  const { allowPlainHttpHosts, chatgptBaseUrl, forcedWorkspaceIds = [] } = options;
  const urls: { -readonly [Name in keyof typeof variables]?: string | undefined } = {};
  for (const [name, variable] of Object.entries(variables)) {
    const option = name as keyof typeof variables;
    const url = options[option] ?? environment?.[option];
    const source = options[option] === undefined ? variable : option;
    if (url !== undefined) requireSecureUrl(url, source, { allowPlainHttpHosts });
    urls[option] = url;
  }
  if (chatgptBaseUrl !== undefined)
    requireSecureUrl(chatgptBaseUrl, 'chatgptBaseUrl', { allowPlainHttpHosts });
  const clientId = options.clientId ?? environment?.clientId;
  return { ...options, ...urls, clientId, forcedWorkspaceIds, environment };
}

function withSettings(options: LoadAuthOptions, settings: OpenedLogin['settings']): ResolvedLoadAuthOptions {
  const { apiKey, jwt, record, signer, personalAccessToken, login, jwks, runtimeAgentInstances, scope } =
    options;
  const { policy, forcedLoginMethod, abom, clientId, allowPlainHttpHosts, userAgent, originator } = settings;
  const { chatgptBaseUrl, authapiBaseUrl, jwtBaseUrl, whoamiBaseUrl, tokenUrl } = settings;
  const { forcedWorkspaceIds = [] } = settings;
  return {
    ...{ apiKey, jwt, record, signer, personalAccessToken, login, jwks, runtimeAgentInstances, scope },
    ...{ policy, forcedLoginMethod, abom, clientId, allowPlainHttpHosts, userAgent, originator },
    ...{ chatgptBaseUrl, authapiBaseUrl, jwtBaseUrl, whoamiBaseUrl, tokenUrl },
    forcedWorkspaceIds,
    environment: undefined,
  };
}

function requireLogin(value: unknown, name: string): void {
  requireObject(value, name);
  const methods = ['bearerHeaders', 'refreshTokens', 'agentIdentityAuth', 'withEffects'];
  requireMethods(Reflect.get(value, 'auth'), methods, `${name}.auth`, 'a ChatgptAuth');
  requireMethods(
    Reflect.get(value, 'store'),
    ['read', 'update', 'withLock'],
    `${name}.store`,
    'an AuthStore',
  );
  requireObject(Reflect.get(value, 'settings'), `${name}.settings`);
  const instances: unknown = Reflect.get(value, 'runtimeAgentInstances');
  if (instances === undefined) return;
  requireMethods(
    instances,
    ['readInstallationId'],
    `${name}.runtimeAgentInstances`,
    'that of openCodexLogin',
  );
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}
