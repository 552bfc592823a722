"""Taking updates in: by polling or by web hook, within everybody's allowance, into the inbox."""
