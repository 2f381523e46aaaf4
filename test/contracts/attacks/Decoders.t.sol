// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Attacks on the list of decoders: a node passed off as a leaf, a file listed again, a rollback, consents out of date.

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IDecoderRegistry as I} from "../../../contracts/registry/IDecoderRegistry.sol";
import {RegistryBase} from "../support/RegistryBase.t.sol";

/// @dev Hashes leaves as nodes are hashed: 64 bytes, once.
contract NaiveTree {
    function leafOf(bytes32 contentHash, bytes32 semanticHash) public pure returns (bytes32) {
        return Hashes.commutativeKeccak256(contentHash, semanticHash);
    }

    function isListed(bytes32 a, bytes32 b, bytes32[] calldata proof, bytes32 root) external pure returns (bool) {
        return MerkleProof.verifyCalldata(proof, root, leafOf(a, b));
    }
}

/// @dev Lists whatever is not listed now, and forgets what was.
contract NaiveList {
    mapping(bytes32 contentHash => bool) public listed;

    function set(bytes32 contentHash, bool value) external {
        listed[contentHash] = value;
    }
}

contract DecoderAttacks is RegistryBase {
    uint256 private constant AUTHOR_KEY = 0xAB7;
    address private immutable author = vm.addr(AUTHOR_KEY);

    function test_attack_second_preimage() public {
        NaiveTree naive = new NaiveTree();
        (bytes32 left, bytes32 right) = (naive.leafOf("a", "1"), naive.leafOf("b", "2"));
        bytes32 naiveRoot = Hashes.commutativeKeccak256(left, right);
        _eq("a node is a listed decoder", naive.isListed(left, right, new bytes32[](0), naiveRoot), true);

        (bytes32 a, bytes32 b) = (_list("a"), _list("b"));
        bytes32 root = decoders.activeRoot();
        (left, right) = (decoders.leafOf(a), decoders.leafOf(b));
        _eq("the root is the node over both", root, Hashes.commutativeKeccak256(left, right));
        bytes32 forged = keccak256(bytes.concat(keccak256(bytes.concat(left, right))));
        _eq("it is nobody's leaf", MerkleProof.verify(new bytes32[](0), root, forged), false);
        _eq("nor in the other order", keccak256(bytes.concat(keccak256(bytes.concat(right, left)))) == root, false);
    }

    function test_attack_listing_again_what_was_revoked() public {
        NaiveList naive = new NaiveList();
        naive.set("a", true);
        naive.set("a", false);
        naive.set("a", true);
        _eq("a naive list forgets", naive.listed("a"), true);

        bytes32 contentHash = _list("a");
        I.Decoder memory d = _decoder("a");
        I.Consent memory consent = _consent(d, block.timestamp);
        bytes4 refused = I.DecoderStatusRefused.selector;
        vm.expectRevert(abi.encodeWithSelector(refused, contentHash, I.DecoderStatus.Listed));
        decoders.list(d, consent);
        decoders.revoke(contentHash, "fault");
        vm.expectRevert(abi.encodeWithSelector(refused, contentHash, I.DecoderStatus.Revoked));
        decoders.list(d, consent);
        _eq("index", decoders.indexOf(contentHash), 1);
        _eq("count", decoders.decoderCount(), 1);
        _eq("root", decoders.activeRoot(), bytes32(0));
    }

    /// An old proof still fits its old root. That a Miner never goes back needs a number that only grows.
    function test_attack_rollback_to_an_older_root() public {
        bytes32 contentHash = _list("a");
        _list("b");
        (bytes32 oldRoot, uint64 oldEpoch) = (decoders.activeRoot(), decoders.activeEpoch());
        bytes32[] memory proof = decoders.proofOf(contentHash);
        bytes32 leaf = decoders.leafOf(contentHash);
        decoders.revoke(contentHash, "fault");
        _eq("whoever holds the old root still takes it", MerkleProof.verify(proof, oldRoot, leaf), true);
        _eq("the new root does not", MerkleProof.verify(proof, decoders.activeRoot(), leaf), false);
        _eq("the epoch has grown", decoders.activeEpoch(), oldEpoch + 1);
        I.Checkpoint memory old = I.Checkpoint(oldRoot, oldEpoch, 1, uint64(START), uint64(START + 1 days));
        bytes32 signed = decoders.hashCheckpoint(old);
        old.epoch = oldEpoch + 1;
        _eq("an old root under a new epoch is another message", decoders.hashCheckpoint(old) == signed, false);
    }

    /// An epoch is never used twice, even where a root comes back: here the set is the same before and after.
    function test_attack_rollback_by_the_same_root() public {
        bytes32 contentHash = _list("a");
        bytes32 root = decoders.activeRoot();
        decoders.suspend(contentHash, 1 days, "");
        decoders.reinstate(contentHash);
        _eq("root", decoders.activeRoot(), root);
        _eq("epoch", decoders.activeEpoch(), 3);
    }

    function test_attack_expired_consent_and_checkpoint() public {
        I.Decoder memory d = _decoder("a");
        I.Consent memory consent = _consent(d, START);
        vm.warp(START + 1);
        vm.expectRevert(abi.encodeWithSelector(I.DeadlinePassed.selector, START, START + 1));
        decoders.list(d, consent);
        consent.deadline = START + 1;
        vm.expectRevert(abi.encodeWithSelector(I.ConsentSignatureInvalid.selector, author));
        decoders.list(d, consent);
        vm.warp(START);
        consent.deadline = START;
        decoders.list(d, consent);

        // A Miner judges the time of a checkpoint; its signers' digest fixes it.
        I.Checkpoint memory checkpoint = I.Checkpoint("root", 1, 1, uint64(START), uint64(START + 1 days));
        bytes32 signed = decoders.hashCheckpoint(checkpoint);
        checkpoint.expires += 1;
        _eq("a longer life is another message", decoders.hashCheckpoint(checkpoint) == signed, false);
    }

    function _list(string memory name) private returns (bytes32) {
        I.Decoder memory d = _decoder(name);
        decoders.list(d, _consent(d, block.timestamp));
        return d.contentHash;
    }

    function _decoder(string memory name) private view returns (I.Decoder memory) {
        return
            I.Decoder({
                contentHash: sha256(bytes(name)),
                semanticHash: "semantic",
                moduleHash: "module",
                platform: "platform",
                version: 1,
                sizeBytes: 100,
                author: author,
                payee: OWNER,
                licence: "Apache-2.0",
                id: "acme/ev-1"
            });
    }

    function _consent(I.Decoder memory d, uint256 deadline) private view returns (I.Consent memory) {
        return I.Consent(0, deadline, _sign(AUTHOR_KEY, decoders.hashConsent(d, 0, deadline)));
    }
}
