export type {
  DirectoryFile,
  DirectoryFileAgent,
  DirectoryFileInstance,
  DirectoryFileTask,
} from './directory-file.js';
export { directoryFileSchema } from './directory-file.js';
export type { FileDirectoryOptions } from './file-directory.js';
export { fileDirectory } from './file-directory.js';
