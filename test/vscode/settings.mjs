import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Settings of a quiet VS Code: no look-ups, no welcome, and no saving behind a test's back. */
const settings = {
  'chat.disableAIFeatures': true,
  'editor.hover.delay': 100,
  'editor.minimap.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
};

/** Writes the settings where both a desktop VS Code and a server look for a user's and a machine's. */
export function writeSettings(userDataDir) {
  for (const folder of ['User', 'Machine']) {
    mkdirSync(join(userDataDir, folder), { recursive: true });
    writeFileSync(join(userDataDir, folder, 'settings.json'), JSON.stringify(settings));
  }
}
