export { type ConsoleFile, consoleHeaders, readConsoleFiles } from './console-files.js';
