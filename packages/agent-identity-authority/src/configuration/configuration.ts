/** The accepted tokens: a list in a file, or those of an OpenID provider. */
export interface TokenSettings {
  readonly tokensFile?: string | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: readonly string[] | undefined;
  readonly jwksUrl?: string | undefined;
  readonly algorithms?: readonly string[] | undefined;
}

/** The tokens that register agent runtimes. */
export interface AgentTokenSettings extends TokenSettings {
  readonly federationFile?: string | undefined;
  readonly accountIdClaim?: readonly string[] | undefined;
  readonly chatgptUserIdClaim?: readonly string[] | undefined;
  readonly emailClaim?: readonly string[] | undefined;
  readonly planTypeClaim?: readonly string[] | undefined;
  readonly isFedrampClaim?: readonly string[] | undefined;
}

/** How API keys or personal access tokens of runtime agent instances are looked up: a list in a file, or an endpoint. */
export interface CredentialSettings {
  readonly digestsFile?: string | undefined;
  readonly introspectionUrl?: string | undefined;
  readonly introspectionTokenFile?: string | undefined;
}

/** The tokens of administrators, or of services that look up agents. */
export interface PrincipalTokenSettings extends TokenSettings {
  /** **Secret.** */
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly requiredClaim?: readonly string[] | undefined;
  readonly requiredValue?: string | undefined;
  readonly nameClaim?: readonly string[] | undefined;
}

/** The tokens of administrators. */
export interface AdministratorSettings extends PrincipalTokenSettings {
  readonly operatorValue?: string | undefined;
  readonly viewerValue?: string | undefined;
  readonly accountIdsClaim?: readonly string[] | undefined;
}

/** All settings of the server and the command line. */
export interface Configuration {
  readonly store: string;
  /** **Secret.** */
  readonly masterKey?: string | undefined;
  readonly masterKeyFile?: string | undefined;
  readonly otherMasterKeyFiles?: readonly string[] | undefined;
  readonly host: string;
  readonly port: number;
  readonly basePath: string;
  readonly trustedProxies: readonly string[];
  readonly operationsHost: string;
  readonly operationsPort: number;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly jwtLifetimeSeconds: number;
  readonly taskIdleTtlSeconds?: number | undefined;
  readonly instanceIdleTtlSeconds: number;
  readonly directoryMaxAgeSeconds: number;
  readonly sealTaskIds: boolean;
  readonly agents: AgentTokenSettings;
  readonly platformApiKeys: CredentialSettings;
  readonly personalAccessTokens: CredentialSettings;
  readonly administrators: AdministratorSettings;
  readonly verifiers: PrincipalTokenSettings;
  readonly console: { readonly enabled: boolean; readonly hosts?: readonly string[] | undefined };
  readonly storage: {
    readonly timeoutSeconds: number;
    readonly connections: number;
    readonly readConnections: number;
    readonly cacheSeconds: number;
  };
  readonly rotation: { readonly everySeconds: number; readonly activateAfterSeconds: number };
  readonly auditSink: { readonly file?: string | undefined; readonly positionFile?: string | undefined };
  readonly forwardAuth: { readonly rulesFile?: string | undefined };
  readonly retention: { readonly endedSeconds: number };
  readonly limits: {
    readonly addressRequestsPerMinute: number;
    readonly runtimeRequestsPerMinute: number;
    readonly accountRuntimesPerHour: number;
    readonly userInstancesPerHour: number;
    readonly shared?: string | undefined;
    readonly connections: number;
    readonly connectionsPerAddress: number;
    readonly headersTimeoutSeconds: number;
    readonly requestTimeoutSeconds: number;
    readonly keepAliveSeconds: number;
  };
  readonly drain: { readonly delaySeconds: number; readonly timeoutSeconds: number };
  readonly url?: string | undefined;
}

/** Settings as input: everything that has a default may be left out. */
export type ConfigurationInput = {
  readonly [Name in keyof Configuration]?:
    | (Name extends
        | 'agents'
        | 'platformApiKeys'
        | 'personalAccessTokens'
        | 'administrators'
        | 'verifiers'
        | 'console'
        | 'storage'
        | 'rotation'
        | 'auditSink'
        | 'forwardAuth'
        | 'retention'
        | 'limits'
        | 'drain'
        ? { readonly [Member in keyof Configuration[Name]]?: Configuration[Name][Member] | undefined }
        : Configuration[Name])
    | undefined;
};
