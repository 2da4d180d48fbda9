export type { Configuration } from '../configuration/configuration.js';
export { configurationSchema } from '../configuration/configuration.js';
export type { AuthorityServer, AuthorityServerEffects } from './start-authority-server.js';
export { startAuthorityServer } from './start-authority-server.js';
