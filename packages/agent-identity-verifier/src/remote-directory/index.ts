export { remoteDirectory } from './remote-directory.js';
export type { RemoteDirectoryEffects, RemoteDirectoryOptions } from './remote-directory-options.js';
