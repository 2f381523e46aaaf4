// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {EIP712Upgradeable} from "@openzeppelin/contracts-upgradeable/utils/cryptography/EIP712Upgradeable.sol";
import {Governed} from "../common/Governed.sol";
import {DecoderStates} from "./DecoderStates.sol";
import {IDecoderRegistry} from "./IDecoderRegistry.sol";
import {StoredMerkleTree} from "./StoredMerkleTree.sol";

/// @title Which decoders a Miner may use
contract DecoderRegistry is IDecoderRegistry, Governed, EIP712Upgradeable {
    using StoredMerkleTree for StoredMerkleTree.Tree;

    uint40 public constant GUARDIAN_SUSPENSION_SECONDS_MAX = DecoderStates.GUARDIAN_SUSPENSION_SECONDS_MAX;

    bytes32 public constant CONSENT_TYPEHASH = keccak256(
        "ListingConsent(bytes32 contentHash,bytes32 semanticHash,bytes32 moduleHash,bytes32 platform,uint32 version,uint32 sizeBytes,address author,address payee,string licence,string id,uint256 nonce,uint256 deadline)"
    );
    bytes32 public constant CHECKPOINT_TYPEHASH = keccak256(
        "Checkpoint(bytes32 root,uint64 epoch,uint64 blockNumber,uint64 issued,uint64 expires)"
    );

    /// @dev Licence and id stand in the DecoderListed event and under the author's signature: no contract reads them.
    struct DecoderRecord {
        bytes32 semanticHash;
        bytes32 moduleHash;
        bytes32 platform;
        address author;
        DecoderStatus status;
        uint32 index;
        uint40 suspendedUntil;
        address payee;
        uint32 version;
        uint32 sizeBytes;
        // Most decoders never write what follows.
        uint40 graceEnds;
        bytes32 successor;
    }

    /// @custom:storage-location erc7201:dimo.storage.DecoderRegistry
    struct Layout {
        mapping(bytes32 contentHash => DecoderRecord) decoders;
        mapping(address author => uint256) nonces;
        StoredMerkleTree.Tree active;
        address[] signers;
        uint256 threshold;
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.storage.DecoderRegistry")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant LAYOUT_SLOT = 0x99dd229803fc7c6914d3d52c5a83a07406166d9b4366282737b08e3282d96600;

    /// @param authority_ AccessManager.
    /// @dev EIP712Upgradeable's own initializer only stores name and version, which are constants here.
    /// @custom:oz-upgrades-unsafe-allow missing-initializer-call
    function initialize(address authority_) external initializer {
        __Governed_init(authority_);
    }

    /// @inheritdoc IDecoderRegistry
    function list(Decoder calldata decoder, Consent calldata consent) external restricted returns (uint32 index) {
        Layout storage $ = _layout();
        bytes32 contentHash = decoder.contentHash;
        DecoderRecord storage record = $.decoders[contentHash];
        DecoderStatus status = _next(contentHash, record, DecoderStates.Step.List);
        _checkComplete(decoder);
        _checkConsent($, decoder, consent);

        index = $.active.size + 1;
        record.semanticHash = decoder.semanticHash;
        record.moduleHash = decoder.moduleHash;
        record.platform = decoder.platform;
        record.author = decoder.author;
        record.status = status;
        record.index = index;
        record.version = decoder.version;
        record.payee = decoder.payee;
        record.sizeBytes = decoder.sizeBytes;
        emit DecoderListed(contentHash, decoder.platform, decoder.author, index, decoder);
        bytes32 root = $.active.push(_leaf(contentHash, index));
        emit ActiveRootChanged(root, $.active.version);
    }

    /// @inheritdoc IDecoderRegistry
    function deprecate(bytes32 contentHash, bytes32 successor, uint40 graceEnds) external restricted {
        Layout storage $ = _layout();
        DecoderRecord storage record = $.decoders[contentHash];
        DecoderStatus status = _next(contentHash, record, DecoderStates.Step.Deprecate);
        bool usable = successor != contentHash && _current($.decoders[successor]) == DecoderStatus.Listed;
        if (successor != 0 && !usable) revert SuccessorInvalid(contentHash, successor);
        if (graceEnds <= block.timestamp) revert GraceInvalid(graceEnds, block.timestamp);
        _sync($, contentHash, record);
        record.status = status;
        record.graceEnds = graceEnds;
        record.successor = successor;
        emit DecoderDeprecated(contentHash, successor, graceEnds);
    }

    /// @inheritdoc IDecoderRegistry
    function retire(bytes32 contentHash) external restricted {
        Layout storage $ = _layout();
        DecoderRecord storage record = $.decoders[contentHash];
        _end($, contentHash, record, _next(contentHash, record, DecoderStates.Step.Retire));
        emit DecoderRetired(contentHash);
    }

    /// @inheritdoc IDecoderRegistry
    function suspend(bytes32 contentHash, uint40 durationSeconds, string calldata reason) external restricted {
        Layout storage $ = _layout();
        DecoderRecord storage record = $.decoders[contentHash];
        DecoderStatus status = _next(contentHash, record, DecoderStates.Step.Suspend);
        uint40 until = DecoderStates.guardianUntil(
            contentHash,
            record.suspendedUntil,
            durationSeconds,
            block.timestamp
        );
        record.suspendedUntil = until;
        _end($, contentHash, record, status);
        emit DecoderSuspended(contentHash, until, reason);
    }

    /// @inheritdoc IDecoderRegistry
    function reinstate(bytes32 contentHash) external restricted {
        Layout storage $ = _layout();
        DecoderRecord storage record = $.decoders[contentHash];
        DecoderStatus status = _next(contentHash, record, DecoderStates.Step.Reinstate);
        record.suspendedUntil = uint40(block.timestamp);
        _move($, contentHash, record, status);
    }

    /// @inheritdoc IDecoderRegistry
    function revoke(bytes32 contentHash, string calldata reason) external restricted {
        Layout storage $ = _layout();
        DecoderRecord storage record = $.decoders[contentHash];
        _end($, contentHash, record, _next(contentHash, record, DecoderStates.Step.Revoke));
        emit DecoderRevoked(contentHash, reason);
    }

    /// @inheritdoc IDecoderRegistry
    function sync(bytes32 contentHash) external {
        Layout storage $ = _layout();
        if (!_sync($, contentHash, $.decoders[contentHash])) revert AlreadyInSync(contentHash);
    }

    /// @inheritdoc IDecoderRegistry
    function setCheckpointSigners(address[] calldata signers, uint256 threshold) external restricted {
        bool valid = threshold != 0 && threshold <= signers.length;
        address last = address(0);
        for (uint256 i = 0; i < signers.length; ++i) {
            valid = valid && signers[i] > last;
            last = signers[i];
        }
        if (!valid) revert CheckpointSignersInvalid(signers.length, threshold);
        Layout storage $ = _layout();
        $.signers = signers;
        $.threshold = threshold;
        emit CheckpointSignersSet(signers, threshold);
    }

    /// @inheritdoc IDecoderRegistry
    function moveNonce() external {
        uint256 nonce = ++_layout().nonces[msg.sender];
        emit NonceMoved(msg.sender, nonce);
    }

    /// @inheritdoc IDecoderRegistry
    function decoderOf(bytes32 contentHash) external view returns (DecoderInfo memory) {
        DecoderRecord storage record = _layout().decoders[contentHash];
        return
            DecoderInfo({
                status: _current(record),
                index: record.index,
                version: record.version,
                sizeBytes: record.sizeBytes,
                graceEnds: record.graceEnds,
                suspendedUntil: record.suspendedUntil,
                author: record.author,
                payee: record.payee,
                semanticHash: record.semanticHash,
                moduleHash: record.moduleHash,
                platform: record.platform,
                successor: record.successor
            });
    }

    /// @inheritdoc IDecoderRegistry
    function isActive(bytes32 contentHash) external view returns (bool) {
        return DecoderStates.isActive(_current(_layout().decoders[contentHash]));
    }

    /// @inheritdoc IDecoderRegistry
    function indexOf(bytes32 contentHash) external view returns (uint32) {
        return _layout().decoders[contentHash].index;
    }

    /// @inheritdoc IDecoderRegistry
    function decoderCount() external view returns (uint32) {
        return _layout().active.size;
    }

    /// @inheritdoc IDecoderRegistry
    function activeRoot() external view returns (bytes32) {
        return _layout().active.root();
    }

    /// @inheritdoc IDecoderRegistry
    function activeEpoch() external view returns (uint64) {
        return _layout().active.version;
    }

    /// @inheritdoc IDecoderRegistry
    function proofOf(bytes32 contentHash) external view returns (bytes32[] memory) {
        Layout storage $ = _layout();
        DecoderRecord storage record = $.decoders[contentHash];
        _require(contentHash, record, DecoderStates.isActive(record.status));
        return $.active.proof(record.index - 1);
    }

    /// @inheritdoc IDecoderRegistry
    function leafOf(bytes32 contentHash) external view returns (bytes32) {
        DecoderRecord storage record = _layout().decoders[contentHash];
        _require(contentHash, record, record.status != DecoderStatus.None);
        return _leaf(contentHash, record.index);
    }

    /// @inheritdoc IDecoderRegistry
    function checkpointSigners() external view returns (address[] memory signers, uint256 threshold) {
        Layout storage $ = _layout();
        return ($.signers, $.threshold);
    }

    /// @inheritdoc IDecoderRegistry
    function hashCheckpoint(Checkpoint calldata checkpoint) external view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(CHECKPOINT_TYPEHASH, checkpoint)));
    }

    /// @inheritdoc IDecoderRegistry
    function nonceOf(address author) external view returns (uint256) {
        return _layout().nonces[author];
    }

    /// @inheritdoc IDecoderRegistry
    function hashConsent(Decoder calldata decoder, uint256 nonce, uint256 deadline) public view returns (bytes32) {
        // In two halves, which encode to the same bytes, because the compiler's stack does not hold twelve values.
        bytes memory first = abi.encode(
            CONSENT_TYPEHASH,
            decoder.contentHash,
            decoder.semanticHash,
            decoder.moduleHash,
            decoder.platform,
            decoder.version,
            decoder.sizeBytes
        );
        bytes memory second = abi.encode(
            decoder.author,
            decoder.payee,
            keccak256(bytes(decoder.licence)),
            keccak256(bytes(decoder.id)),
            nonce,
            deadline
        );
        return _hashTypedDataV4(keccak256(bytes.concat(first, second)));
    }

    /// @dev Takes a decoder out of the active set, if it is in.
    function _end(Layout storage $, bytes32 contentHash, DecoderRecord storage record, DecoderStatus status) private {
        bool wasActive = DecoderStates.isActive(record.status);
        record.status = status;
        if (wasActive) _setActive($, contentHash, record.index, false);
    }

    /// @return changed Whether time had changed the status.
    function _sync(Layout storage $, bytes32 contentHash, DecoderRecord storage record) private returns (bool changed) {
        DecoderStatus status = _current(record);
        changed = status != record.status;
        if (changed) _move($, contentHash, record, status);
    }

    /// @dev Writes down a status that follows a suspension or a grace period.
    function _move(Layout storage $, bytes32 contentHash, DecoderRecord storage record, DecoderStatus status) private {
        bool wasActive = DecoderStates.isActive(record.status);
        record.status = status;
        bool active = DecoderStates.isActive(status);
        if (active != wasActive) _setActive($, contentHash, record.index, active);
        if (status == DecoderStatus.Retired) emit DecoderRetired(contentHash);
        else emit DecoderReinstated(contentHash, status);
    }

    function _setActive(Layout storage $, bytes32 contentHash, uint32 index, bool active) private {
        bytes32 root = $.active.set(index - 1, active ? _leaf(contentHash, index) : bytes32(0));
        emit ActiveRootChanged(root, $.active.version);
    }

    function _next(
        bytes32 contentHash,
        DecoderRecord storage record,
        DecoderStates.Step step
    ) private view returns (DecoderStatus status) {
        status = DecoderStates.next(step, _current(record), _graceEnds(record), block.timestamp);
        _require(contentHash, record, status != DecoderStatus.None);
    }

    function _current(DecoderRecord storage record) private view returns (DecoderStatus) {
        return DecoderStates.current(record.status, record.suspendedUntil, _graceEnds(record), block.timestamp);
    }

    /// @dev Read only where it matters, which spares most calls a slot.
    function _graceEnds(DecoderRecord storage record) private view returns (uint40) {
        DecoderStatus stored = record.status;
        return stored == DecoderStatus.Deprecated || stored == DecoderStatus.Suspended ? record.graceEnds : 0;
    }

    function _checkConsent(Layout storage $, Decoder calldata decoder, Consent calldata consent) private view {
        if (block.timestamp > consent.deadline) revert DeadlinePassed(consent.deadline, block.timestamp);
        uint256 nonce = $.nonces[decoder.author];
        if (consent.nonce != nonce) revert NonceInvalid(consent.nonce, nonce);
        bytes32 digest = hashConsent(decoder, consent.nonce, consent.deadline);
        if (!SignatureChecker.isValidSignatureNowCalldata(decoder.author, digest, consent.signature)) {
            revert ConsentSignatureInvalid(decoder.author);
        }
    }

    function _require(bytes32 contentHash, DecoderRecord storage record, bool allowed) private view {
        if (!allowed) revert DecoderStatusRefused(contentHash, _current(record));
    }

    function _checkComplete(Decoder calldata decoder) private pure {
        bool hashed = decoder.contentHash != 0 && decoder.semanticHash != 0 && decoder.moduleHash != 0;
        if (!hashed || decoder.platform == 0 || decoder.payee == address(0)) {
            revert DecoderIncomplete(decoder.contentHash);
        }
    }

    function _leaf(bytes32 contentHash, uint256 index) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(contentHash, index))));
    }

    // solhint-disable-next-line func-name-mixedcase
    function _EIP712Name() internal pure override returns (string memory) {
        return "DIMO DecoderRegistry";
    }

    // solhint-disable-next-line func-name-mixedcase
    function _EIP712Version() internal pure override returns (string memory) {
        return "1";
    }

    function _layout() private pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := LAYOUT_SLOT
        }
    }
}
