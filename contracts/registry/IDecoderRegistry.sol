// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title Which decoders a Miner may use
 * @notice A decoder is known by the SHA-256 of its file (`contentHash`), which is listed once and for ever one decoder:
 *
 *     None --list(DIP)--> Listed --deprecate(DIP)--> Deprecated --grace ends, or retire(DIP)--> Retired
 *     Listed, Deprecated --suspend(guardian)--> Suspended --at most 14 days, or reinstate(DIP)--> as before
 *     Listed, Deprecated, Suspended --revoke(DIP)--> Revoked
 *
 * Miners may decode with Listed and Deprecated ones: the active set. Times pass by themselves in every view; the Merkle
 * root over the active set follows when anyone calls `sync`.
 *
 * A leaf of that tree is keccak256(keccak256(abi.encode(bytes32 contentHash, uint256 index))), at position index - 1;
 * nodes are sorted pairs, so MerkleProof.verify accepts `proofOf`. An offline Miner holds a checkpoint of the root,
 * signed by enough of the `checkpointSigners` over EIP-712 domain ("DIMO DecoderRegistry", "1", chain id, this contract).
 */
interface IDecoderRegistry {
    enum DecoderStatus {
        None,
        Listed,
        Deprecated,
        Retired,
        Suspended,
        Revoked
    }

    /// @param contentHash SHA-256 of the exact bytes of the decoder's file.
    /// @param semanticHash SHA-256 of what it decodes to, the same for a reformatted copy.
    /// @param moduleHash SHA-256 of the compiled scalar module.
    /// @param platform Key of the vehicle platform it is for.
    /// @param version Counts up over the decoders of one id.
    /// @param sizeBytes Of the file.
    /// @param author Who signed the consent.
    /// @param payee Who is paid for it.
    /// @param licence SPDX expression.
    /// @param id Name, as in the package.
    struct Decoder {
        bytes32 contentHash;
        bytes32 semanticHash;
        bytes32 moduleHash;
        bytes32 platform;
        uint32 version;
        uint32 sizeBytes;
        address author;
        address payee;
        string licence;
        string id;
    }

    /// @notice The author's signed consent to be listed.
    /// @param nonce The author's current one (`nonceOf`): moving on to the next voids what is not yet listed.
    /// @param deadline Last moment (unix seconds) at which the listing may execute.
    /// @param signature ECDSA or ERC-1271, over ListingConsent(every field of Decoder, nonce, deadline).
    struct Consent {
        uint256 nonce;
        uint256 deadline;
        bytes signature;
    }

    /// @param index Counts from 1 in the order of listing; packs name it.
    /// @param graceEnds Unix time at which a Deprecated decoder becomes Retired.
    /// @param suspendedUntil Unix time at which the guardian's one suspension ends or ended.
    /// @param successor contentHash of the decoder that replaces a Deprecated one, or zero.
    struct DecoderInfo {
        DecoderStatus status;
        uint32 index;
        uint32 version;
        uint32 sizeBytes;
        uint40 graceEnds;
        uint40 suspendedUntil;
        address author;
        address payee;
        bytes32 semanticHash;
        bytes32 moduleHash;
        bytes32 platform;
        bytes32 successor;
    }

    /// @notice What k of n signers vouch for, for Miners that are offline.
    /// @param root Merkle root of the active set.
    /// @param epoch Number of changes of the active set; a Miner never goes back to a lower one.
    /// @param blockNumber At which the root was read.
    /// @param issued Unix seconds.
    /// @param expires Unix seconds.
    struct Checkpoint {
        bytes32 root;
        uint64 epoch;
        uint64 blockNumber;
        uint64 issued;
        uint64 expires;
    }

    event DecoderListed(
        bytes32 indexed contentHash,
        bytes32 indexed platform,
        address indexed author,
        uint32 index,
        Decoder decoder
    );
    event DecoderDeprecated(bytes32 indexed contentHash, bytes32 indexed successor, uint40 graceEnds);
    event DecoderSuspended(bytes32 indexed contentHash, uint40 until, string reason);
    /// @notice Its suspension was ended, or has run out.
    event DecoderReinstated(bytes32 indexed contentHash, DecoderStatus status);
    event DecoderRetired(bytes32 indexed contentHash);
    event DecoderRevoked(bytes32 indexed contentHash, string reason);
    event ActiveRootChanged(bytes32 root, uint64 epoch);
    event CheckpointSignersSet(address[] signers, uint256 threshold);
    event NonceMoved(address indexed author, uint256 nonce);

    error DecoderStatusRefused(bytes32 contentHash, DecoderStatus status);
    /// @notice A decoder needs a contentHash, a semanticHash, a moduleHash, a platform and a payee.
    error DecoderIncomplete(bytes32 contentHash);
    error DeadlinePassed(uint256 deadline, uint256 timestamp);
    error NonceInvalid(uint256 nonce, uint256 expected);
    error ConsentSignatureInvalid(address author);
    /// @notice A successor is another decoder that is Listed.
    error SuccessorInvalid(bytes32 contentHash, bytes32 successor);
    error GraceInvalid(uint256 graceEnds, uint256 timestamp);
    error SuspensionDurationInvalid(uint256 durationSeconds, uint256 durationSecondsMax);
    error GuardianSuspensionUsed(bytes32 contentHash);
    error AlreadyInSync(bytes32 contentHash);
    /// @notice Signers are distinct, in ascending order and not zero; the threshold is 1 to their count.
    error CheckpointSignersInvalid(uint256 signerCount, uint256 threshold);

    /// @notice Lists a decoder. Restricted.
    /// @return index Its number from 1.
    function list(Decoder calldata decoder, Consent calldata consent) external returns (uint32 index);

    /// @notice Announces a decoder's end. Restricted.
    /// @param successor contentHash of a Listed decoder, or zero where there is none.
    /// @param graceEnds Unix time in the future until which Miners may still use it.
    function deprecate(bytes32 contentHash, bytes32 successor, uint40 graceEnds) external;

    /// @notice Ends a Deprecated decoder before its grace does. Restricted.
    function retire(bytes32 contentHash) external;

    /// @notice Takes a decoder out of the active set for at most 14 days, once. Restricted to the guardian's role.
    function suspend(bytes32 contentHash, uint40 durationSeconds, string calldata reason) external;

    /// @notice Ends a suspension early. Restricted.
    function reinstate(bytes32 contentHash) external;

    /// @notice Ends a decoder for good, at once. Restricted.
    function revoke(bytes32 contentHash, string calldata reason) external;

    /// @notice Writes down what time has done to a decoder, so that the root follows. Anyone may call.
    function sync(bytes32 contentHash) external;

    /// @notice Who signs checkpoints, and how many of them must. Restricted.
    function setCheckpointSigners(address[] calldata signers, uint256 threshold) external;

    /// @notice An author voids every consent signed with the current nonce and not yet listed.
    function moveNonce() external;

    function decoderOf(bytes32 contentHash) external view returns (DecoderInfo memory);

    /// @notice Whether Miners may decode with it now.
    function isActive(bytes32 contentHash) external view returns (bool);

    /// @return Its number from 1, or 0 where it is unknown.
    function indexOf(bytes32 contentHash) external view returns (uint32);

    /// @notice How many were ever listed; the DecoderListed events say which.
    function decoderCount() external view returns (uint32);

    /// @notice Merkle root over the active set; zero for an empty one.
    function activeRoot() external view returns (bytes32);

    /// @notice Number of changes of the active set.
    function activeEpoch() external view returns (uint64);

    /// @notice Proof that a decoder stands under `activeRoot`; only of use while it does.
    function proofOf(bytes32 contentHash) external view returns (bytes32[] memory);

    function leafOf(bytes32 contentHash) external view returns (bytes32);

    function checkpointSigners() external view returns (address[] memory signers, uint256 threshold);

    /// @notice The digest that checkpoint signers sign.
    function hashCheckpoint(Checkpoint calldata checkpoint) external view returns (bytes32);

    /// @notice The digest that an author signs to consent.
    function hashConsent(Decoder calldata decoder, uint256 nonce, uint256 deadline) external view returns (bytes32);

    /// @notice The nonce that an author's next consent carries.
    function nonceOf(address author) external view returns (uint256);
}
