import { Command } from 'commander';
import { readMasterKeys } from '../configuration/open-configured-store.js';
import { copyStore } from '../store/copy-store.js';
import type { CommandIo } from './command-io.js';
import { addSettings, configurationOf } from './setting-options.js';
