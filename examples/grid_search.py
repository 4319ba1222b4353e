"""TextClassifier is a scikit-learn estimator: search over its settings, and take it through a pickle."""

import csv
import pickle

from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import cowise as cw
from cowise.core.samples import sample

with sample("bank").open(encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file))[:400]
texts, labels = [row["text"] for row in rows], [row["label"] for row in rows]

lower = FunctionTransformer(lambda batch: [text.lower() for text in batch])
model = make_pipeline(lower, cw.TextClassifier(encoder="hashing", head="ridge"))
print(f"ridge: {cross_val_score(model, texts, labels, cv=3).mean():.2f} of three folds right")

search = GridSearchCV(cw.TextClassifier(encoder="hashing"), {"head": ["kernel", "ridge", "logistic"]}, cv=3)
search.fit(texts, labels)
print("best head:", search.best_params_["head"], f"{search.best_score_:.2f}")

again = pickle.loads(pickle.dumps(search.best_estimator_))
print("after a pickle:", again.predict(texts[:1])[0])
