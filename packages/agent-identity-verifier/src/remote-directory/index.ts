export type { RemoteDirectory } from './remote-directory.js';
export { remoteDirectory } from './remote-directory.js';
export type { RemoteDirectoryEffects, RemoteDirectoryOptions } from './remote-directory-options.js';
