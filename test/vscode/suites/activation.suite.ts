import { strict as assert } from 'node:assert';
import { commands, extensions } from 'vscode';
import { openFixture } from './workspace';

const ID = 'hvo.hvo';

describe('activation', () => {
  it('a .hvo file has the language hvo and starts the extension', async () => {
    const { document } = await openFixture('hello.hvo');
    assert.equal(document.languageId, 'hvo');
    const extension = extensions.getExtension(ID);
    await extension?.activate();
    assert.equal(extension?.isActive, true);
  });

  it('every command of the manifest is registered', async () => {
    const manifest = extensions.getExtension(ID)?.packageJSON;
    const contributed: readonly { command: string }[] = manifest.contributes.commands;
    const registered = new Set(await commands.getCommands(true));
    for (const { command } of contributed) assert.ok(registered.has(command), `${command} is not registered`);
  });
});
