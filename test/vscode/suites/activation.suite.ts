import { strict as assert } from 'node:assert';
import { commands, extensions } from 'vscode';
import { EXTENSION_ID, extension, openFixture } from './workspace';

describe('activation', () => {
  it('a .hvo file has the language hvo and starts the extension', async () => {
    const { document } = await openFixture('reader.hvo');
    assert.equal(document.languageId, 'hvo');
    await extension();
    assert.equal(extensions.getExtension(EXTENSION_ID)?.isActive, true);
  });

  it('every command of the manifest is registered', async () => {
    const contributed: readonly { command: string }[] =
      extensions.getExtension(EXTENSION_ID)?.packageJSON.contributes.commands;
    const registered = new Set(await commands.getCommands(true));
    for (const { command } of contributed) assert.ok(registered.has(command), `${command} is not registered`);
  });

  it('works on untrusted and virtual workspaces', () => {
    const { capabilities } = extensions.getExtension(EXTENSION_ID)?.packageJSON ?? {};
    assert.equal(capabilities.untrustedWorkspaces.supported, true);
    assert.equal(capabilities.virtualWorkspaces.supported, true);
  });
});
