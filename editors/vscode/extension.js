// Starts `journeys lsp` and lets VS Code talk to it; everything the editor knows about journeys is known there.
const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

async function activate(context) {
  await start();
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("journeys")) {
        await deactivate();
        await start();
      }
    }),
  );
}

async function start() {
  const settings = vscode.workspace.getConfiguration("journeys");
  const language = settings.get("language");
  const server = {
    command: settings.get("command") || "journeys",
    args: ["lsp"],
    transport: TransportKind.stdio,
  };
  client = new LanguageClient("journeys", "Journeys", server, {
    documentSelector: [
      { language: "journey" },
      { scheme: "file", pattern: "**/journeys.toml" },
    ],
    initializationOptions: language ? { language } : {},
    synchronize: {
      fileEvents: vscode.workspace.createFileSystemWatcher("**/{*.journey,journeys.toml,*.j2}"),
    },
  });
  try {
    await client.start();
  } catch (error) {
    vscode.window.showErrorMessage(
      `Journeys: ${server.command} lsp did not start (${error.message}). pip install "journeys[lsp]", or set journeys.command.`,
    );
  }
}

async function deactivate() {
  const running = client;
  client = undefined;
  if (running && running.isRunning()) {
    await running.stop();
  }
}

module.exports = { activate, deactivate };
