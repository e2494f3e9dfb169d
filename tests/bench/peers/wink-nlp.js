// wink-nlp with its English model. Modes: tokens (sentences too), entities (parts of speech and entities as well).
'use strict';
const rounds = require('./rounds.js');
const model = rounds.load('wink-eng-lite-web-model');
const nlp = rounds.load('wink-nlp')(model, rounds.mode === 'tokens' ? ['sbd'] : ['sbd', 'pos', 'ner', 'cer']);

rounds.run('wink-nlp', (text, found) => {
  const document = nlp.readDoc(text);
  found.tokens = (found.tokens || 0) + document.tokens().length();
  if (rounds.mode !== 'tokens') found.entities = (found.entities || 0) + document.entities().length();
});
