export type {
  AdministratorSettings,
  AgentTokenSettings,
  Configuration,
  ConfigurationInput,
  CredentialSettings,
  PrincipalTokenSettings,
  TokenSettings,
} from '../configuration/configuration.js';
export { configurationSchema } from '../configuration/configuration-schema.js';
export type {
  AuthorityServer,
  StartAuthorityServerEffects,
  StartAuthorityServerOptions,
} from './start-authority-server.js';
export { startAuthorityServer } from './start-authority-server.js';
