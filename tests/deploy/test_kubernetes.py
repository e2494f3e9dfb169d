"""deploy/kubernetes: rendered, held against the schemas of Kubernetes and KEDA, and its three programs run as it starts them. There
is no cluster here: nobody has scheduled these pods."""
import base64
import json
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from client_places import node_packages, python_with  # noqa: E402
from harness import Case, ROOT, article_files, free_ports  # noqa: E402

SOURCE = ROOT / "deploy" / "kubernetes"
KUBERNETES = "1.31"
PEERS = ("worker", "reader", "admin")

VALIDATE = """
import json, sys, yaml, kubernetes_validate
documents = list(yaml.safe_load_all(sys.stdin))
for document in documents:
    if document["apiVersion"].startswith("keda.sh/"):
        continue
    kubernetes_validate.validate(document, sys.argv[1], strict=True)
json.dump(documents, sys.stdout)
"""


@unittest.skipUnless(shutil.which("kubectl"), "skipped: kubectl is not installed")
class Kubernetes(Case):
    def setUp(self):
        super().setUp()
        shutil.copytree(SOURCE, self.folder / "kubernetes")
        self.keys = self.folder / "kubernetes" / "example" / "keys"
        for name in PEERS:
            self.quotewire("keys", "--keys", self.keys, "new", name, name)
        self.rendered = subprocess.run(["kubectl", "kustomize", self.folder / "kubernetes" / "example"], check=True,
                                       capture_output=True, encoding="utf-8").stdout
        python = python_with("kubernetes-validate")
        checked = subprocess.run([python, "-c", VALIDATE, KUBERNETES], input=self.rendered, capture_output=True, encoding="utf-8",
                                 check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr[-2000:])
        self.objects = {(each["kind"], each["metadata"]["name"]): each for each in json.loads(checked.stdout)}

    def pod(self, role):
        kind = "StatefulSet" if role == "sink" else "Deployment"
        return self.objects[kind, f"quotewire-{role}"]["spec"]["template"]["spec"]

    def test_keda_takes_the_scaled_object(self):
        scaled = self.objects["ScaledObject", "quotewire-worker"]
        self.assertIn(("Deployment", scaled["spec"]["scaleTargetRef"]["name"]), self.objects)
        checker = ["node", pathlib.Path(__file__).with_name("kubernetes_keda.mjs"), node_packages("@kubernetes-models/keda")]
        for change, code in (({}, 0), ({"minReplicaCount": "none"}, 1)):
            wrong = {**scaled, "spec": {**scaled["spec"], **change}}
            checked = subprocess.run(checker, input=json.dumps(wrong), capture_output=True, encoding="utf-8", check=False)
            self.assertEqual(checked.returncode, code, checked.stderr[-2000:])

    def test_pods_are_confined(self):
        for role in ("sink", "ventilator", "worker"):
            pod = self.pod(role)
            self.assertTrue(pod["securityContext"]["runAsNonRoot"])
            self.assertFalse(pod["automountServiceAccountToken"])
            for container in pod["containers"]:
                self.assertTrue(container["securityContext"]["readOnlyRootFilesystem"])
                self.assertEqual(container["securityContext"]["capabilities"], {"drop": ["ALL"]})
            self.assertIn(("NetworkPolicy", f"quotewire-{role}"), self.objects)

    def test_the_programs_run_as_the_pods_start_them(self):
        """With a folder for each mount, this machine for each host, and the Secrets' files where the pods would have them."""
        articles = self.folder / "articles"
        articles.mkdir()
        for file in article_files():
            shutil.copy(file, articles)
        (self.folder / "data").mkdir()
        first = free_ports(4)
        self.ports = dict(enumerate(range(first, first + 4), 7400))
        for role in ("sink", "ventilator", "worker"):
            self.start(*self.arguments(role, self.pod(role)["containers"][0]["args"]), stderr=None)
        self.wait_for_documents(self.folder / "data" / "corpus", len(article_files()))
        for role in ("sink", "ventilator"):
            _, *probe = self.pod(role)["containers"][0]["livenessProbe"]["exec"]["command"]
            self.quotewire(*self.arguments(role, probe))

    def arguments(self, role, arguments):
        ports = {f":{port}": f":{self.ports[port]}" for port in self.ports}
        places = {"=/data": f"={self.folder}/data", "=/keys": f"={self.secret(role)}", "tcp://*:": "tcp://127.0.0.1:",
                  "quotewire-sink:": "127.0.0.1:", "quotewire-ventilator:": "127.0.0.1:", "0.0.0.0:9464": "127.0.0.1:0", **ports}
        changed = []
        for argument in arguments:
            for place, here in places.items():
                argument = argument.replace(place, here)
            changed.append(str(self.folder / "articles") if argument == "/articles" else argument)
        return changed

    def secret(self, role):
        """The folder that a pod sees at /keys."""
        folder = self.folder / f"keys-{role}"
        if folder.is_dir():
            return folder
        mount = next(volume["secret"] for volume in self.pod(role)["volumes"] if volume["name"] == "keys")
        data = self.objects["Secret", mount["secretName"]]["data"]
        for item in mount.get("items") or [{"key": key, "path": key} for key in data]:
            path = folder / item["path"]
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o777)
            path.write_bytes(base64.b64decode(data[item["key"]]))
            path.chmod(mount["defaultMode"])
        return folder


if __name__ == "__main__":
    unittest.main()
